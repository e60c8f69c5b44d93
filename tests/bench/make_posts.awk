# Writes n posts in postlift's own CSV: ids in the order of time, as platforms give them.
# Usage: awk -v n=1000000 [-v one=PLATFORM] -f make_posts.awk
BEGIN {
    split("facebook instagram x linkedin tiktok", platform, " ")
    split("meme poll question link photo video", type, " ")
    print "platform,id,type,posted_at,account,tags,text,url,likes,comments,shares,reach,impressions,clicks"
    seed = 42
    for (i = 0; i < n; i++) {
        seed = (seed * 1103515245 + 12345) % 2147483648
        r = int(seed / 65536)
        day = int(i * 1000 / n)
        y = 2020 + int(day / 360); m = int(day % 360 / 30) + 1; d = day % 28 + 1
        printf "%s,1%011d,%s,%04d-%02d-%02dT%02d:%02d:00Z,page%d,general,\"Post number %d, as made up\",https://example.org/p/%d,%d,%d,%d,%d,%d,%d\n",
            (one ? one : platform[r % 5 + 1]), i, type[r % 6 + 1], y, m, d, r % 24, r % 60, r % 3, i, i,
            r % 500, r % 40, r % 25, 1000 + r, 2000 + r, r % 80
    }
}
