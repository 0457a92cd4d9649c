# How many cards for which wait, by running the schedule; no data directory is needed.

$ "$SUNMAO" model plan citizen=3600 staff=1800 batch=600 prompt=1200 generated=250 prefill=5000 decode=500 slots=8 2>&1
需要 2 张卡（按公式 3 张）：平均占用 64%，一次请求占用一个并发位约 5.9 秒
  群众办事：95% 的请求排队不超过 0.00 秒，首个词元不超过 0.75 秒
  工作人员办公：95% 的请求排队不超过 9.45 秒，首个词元不超过 9.70 秒
  批量任务：95% 的请求排队不超过 216.28 秒，首个词元不超过 216.43 秒

$ "$SUNMAO" model plan citizen=3600 staff=1800 batch=600 prompt=1200 generated=250 prefill=5000 decode=500 slots=8 staff-wait=1 quantile=0.9 2>&1
需要 3 张卡（按公式 3 张）：平均占用 41%，一次请求占用一个并发位约 5.9 秒
  群众办事：90% 的请求排队不超过 0.00 秒，首个词元不超过 0.56 秒
  工作人员办公：90% 的请求排队不超过 0.00 秒，首个词元不超过 0.56 秒
  批量任务：90% 的请求排队不超过 0.00 秒，首个词元不超过 0.58 秒

$ "$SUNMAO" model plan citizen=3600 prompt=1200 generated=250 prefill=5000 decode=500 slots=8 cards=1 --json 2>&1
{"cards":1,"formula_cards":0,"busy":0.73400317610208332,"hold_s":5.9199999999999999,"quantile":0.94999999999999996,"class":{"citizen":{"wait_s":4.0689000000000002,"first_token_s":4.3160540000000003,"refused":0.0,"formula_wait_s":4.250875903487076}}}

$ "$SUNMAO" model plan citizen=3600 2>&1
sunmao: 要给出 prompt=…（提示词平均词元数） [E_INVALID]
? 2

$ "$SUNMAO" model plan foo=3 2>&1
sunmao: 不认识“foo=3”；应当是 名称=数，用 sunmao model --help 看说明 [E_INVALID]
? 2

$ "$SUNMAO" model plan citizen=-1 2>&1
sunmao: “citizen=-1”：群众办事每小时请求数应当是不小于 0 的数 [E_INVALID]
? 2

$ "$SUNMAO" model plan citizen=3600 prompt=1200 generated=250 prefill=5000 decode=0 slots=8 2>&1
sunmao: 每张卡的读入和生成速度应在每秒 1 到 10000000 之间 [E_INVALID]
? 2

$ "$SUNMAO" model plan citizen=1e8 prompt=1200 generated=250 prefill=5000 decode=500 slots=8 2>&1
sunmao: 需要的卡数超过 2000 张，请核对每小时请求数和每张卡的速度 [E_LIMIT]
? 6
