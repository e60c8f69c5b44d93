-- wrk: posts by id, a different one each time, over the whole table.
local rows = tonumber(os.getenv("ROWS") or 1000000)
function init(args) math.randomseed(1) end
function request()
    local i = math.random(0, rows - 1)
    return wrk.format("GET", string.format("/api/v1/posts/bench/1%011d", i))
end
