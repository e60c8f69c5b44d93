-- wrk: one new post a request.
local thread_n = 0
function setup(thread)
    thread:set("id", thread_n)
    thread_n = thread_n + 1
end
local n = 0
function request()
    n = n + 1
    return wrk.format("POST", "/api/v1/posts", {["Content-Type"] = "application/json"},
        string.format('{"platform":"tiktok","id":"%s-%d-%d","type":"video","posted_at":"2022-11-28T10:00:00Z","likes":%d}',
            os.time(), id, n, n % 500))
end
local bad = 0
function response(status) if status ~= 200 then bad = bad + 1 end end
