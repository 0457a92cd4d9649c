# Departments share the compute; their applications have keys.
$ "$SUNMAO" department list --data "$D"

$ "$SUNMAO" department add 市政府 --weight 300 --data "$D"
1	市政府	权重 300	每分钟 不限	每天 不限	每月 不限	同时 不限

$ "$SUNMAO" department add 市民政局 --parent 市政府 --per-day 1000000 --concurrency 4 --data "$D" --json | $PICK id name parent weight per_day concurrency
2 市民政局 1 100 1000000 4

$ "$SUNMAO" department add 低保处 --parent 2 --data "$D" >/dev/null; "$SUNMAO" department change 市民政局 --per-minute 20000 --weight 50 --data "$D" >/dev/null; "$SUNMAO" department list --data "$D"
1	市政府	权重 300	每分钟 不限	每天 不限	每月 不限	同时 不限
  2	市民政局	权重 50	每分钟 20000	每天 1000000	每月 不限	同时 4
    3	低保处	权重 100	每分钟 不限	每天 不限	每月 不限	同时 不限

$ "$SUNMAO" department change 市政府 --parent 低保处 --data "$D" 2>&1
sunmao: 部门不能放在自己或自己的下级部门之下 [E_INVALID]
? 2

$ "$SUNMAO" department remove 市民政局 --data "$D" 2>&1
sunmao: 市民政局 还有下级部门，不能删除 [E_CONFLICT]
? 5

$ "$SUNMAO" department add 市政府 --data "$D" 2>&1
sunmao: 已经有叫 市政府 的部门了 [E_CONFLICT]
? 5

$ "$SUNMAO" department add 12 --data "$D" 2>&1
sunmao: 部门的名字不能是数字，会与编号混淆 [E_INVALID]
? 2

$ "$SUNMAO" department add x --weight 0 --data "$D" 2>&1
sunmao: “0”应当是 1 到 10000 之间的整数 [E_INVALID]
? 2

# A key is shown once; what is kept is its digest.
$ "$SUNMAO" key add 12345平台 --department 市民政局 --class citizen --models chat-default --addresses '10.0.0.0/8, 192.168.1.7' --days 365 --data "$D" >key.txt; sed 's/sk-.*/sk-/' key.txt; tail -n 1 key.txt | grep -Ec '：sk-[A-Za-z0-9_-]{43}（只显示这一次）$'
~1	12345平台	市民政局	群众.*	有效	sk-
密钥：sk-
1

$ "$SUNMAO" key list --data "$D" --json | $PICK id name department_name class models addresses state
1 12345平台 市民政局 citizen ["chat-default"] ["10.0.0.0/8", "192.168.1.7"] active

$ cat "$D"/record.db* | grep -c "$(tail -n 1 key.txt | grep -Eo 'sk-[A-Za-z0-9_-]{43}')"
0
? 1

$ "$SUNMAO" department remove 低保处 --data "$D" && "$SUNMAO" department remove 市民政局 --data "$D" 2>&1
已删除部门 低保处
sunmao: 市民政局 还有没吊销的密钥，不能删除 [E_CONFLICT]
? 5

$ "$SUNMAO" key revoke 1 --data "$D" && "$SUNMAO" key list --data "$D" --json | $PICK state; "$SUNMAO" key revoke 1 --data "$D" 2>&1
已吊销密钥 1
revoked
sunmao: 密钥 1 已经吊销 [E_CONFLICT]
? 5

$ "$SUNMAO" key add x --department 没有 --data "$D" 2>&1
sunmao: 没有叫 没有 的部门 [E_NOTFOUND]
? 3

$ "$SUNMAO" key add x --department 市政府 --addresses 10.0.0.0/40 --data "$D" 2>&1
sunmao: “10.0.0.0/40”不是地址或网段（如 10.1.2.3、10.0.0.0/8、2001:db8::/32） [E_INVALID]
? 2

$ "$SUNMAO" key add x --department 市政府 --class king --data "$D" 2>&1
sunmao: --class 应当是 citizen、staff 或 batch [E_INVALID]
? 2

$ "$SUNMAO" key revoke x --data "$D" 2>&1
sunmao: “x”不是密钥的编号；用 sunmao key list 看 [E_INVALID]
? 2

$ python3 -c 'import sqlite3, sys
> for row in sqlite3.connect(sys.argv[1] + "/record.db").execute("SELECT top, act, reason FROM ledger WHERE kind = ?", ("act",)):
>     print(*row)' "$D"; "$SUNMAO" ledger verify --data "$D"
cli department.add 市政府
cli department.add 市民政局
cli department.add 低保处
cli department.change 市民政局
cli key.add 1:12345平台
cli department.remove 低保处
cli key.revoke 1:12345平台
台账完整：7 条记录，链条没有断
