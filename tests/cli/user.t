# Accounts of the people who work here.  There is none until one is made.
$ "$SUNMAO" user list --data "$D"

$ "$SUNMAO" user add wang --data "$D" --role operator --display 王芳 --department 市医保局
已建立账号 wang（坐席）
~一次性密码：[A-HJ-NP-Za-hj-km-np-z2-9]{16}（只显示这一次；首次登录时要改）

$ "$SUNMAO" user add admin --data "$D" --role administrator --json >made.json; $PICK name role <made.json; $PICK password <made.json | grep -Ecx '[A-Za-z2-9]{16}'
admin administrator
1

# A password of one's own comes by standard input, never in the command line, and is not shown.
$ echo 'Yun-Lan-2026' | "$SUNMAO" user add li --data "$D" --role auditor --password-stdin
已建立账号 li（审计员）

$ "$SUNMAO" user list --data "$D"
admin	系统管理员	待改密码	admin	
li	审计员	正常	li	
wang	坐席	待改密码	王芳	市医保局

$ "$SUNMAO" user list --data "$D" --json | $PICK name role display department disabled must_change locked_until | tail -n 1
wang operator 王芳 市医保局 false true 0

# The password is nowhere in the data directory.
$ cat "$D"/record.db* | grep -c -e "$($PICK password <made.json)" -e Yun-Lan-2026
0
? 1

$ "$SUNMAO" user change wang --data "$D" --role keeper --department ''
wang	语料管理员	待改密码	王芳	

$ "$SUNMAO" user disable wang --data "$D" && "$SUNMAO" user enable wang --data "$D"
wang	语料管理员	停用	王芳	
wang	语料管理员	待改密码	王芳	

$ "$SUNMAO" user reset li --data "$D" --json >reset.json; $PICK name role <reset.json; "$SUNMAO" user list --data "$D" | grep '^li'
li auditor
li	审计员	待改密码	li	

# The last administrator stays; the password of one who forgot can be reset.
$ "$SUNMAO" user disable admin --data "$D" 2>&1
sunmao: 这是最后一个能登录的系统管理员，不能停用，也不能改作别的角色 [E_CONFLICT]
? 5

$ "$SUNMAO" user change admin --data "$D" --role keeper 2>&1
sunmao: 这是最后一个能登录的系统管理员，不能停用，也不能改作别的角色 [E_CONFLICT]
? 5

$ "$SUNMAO" user reset admin --data "$D" | head -n 1
已重置密码 admin（系统管理员）

# A locked account shows, and a reset opens it.
$ python3 -c 'import sqlite3, sys, time
> db = sqlite3.connect(sys.argv[1] + "/record.db")
> db.execute("UPDATE user SET locked_until = ? WHERE name = ?", (int(time.time() * 1000) + 600000, "li"))
> db.commit()' "$D"; "$SUNMAO" user list --data "$D" | grep '^li'; "$SUNMAO" user reset li --data "$D" >/dev/null; "$SUNMAO" user list --data "$D" | grep '^li'
li	审计员	锁定	li	
li	审计员	待改密码	li	

# What is done here stands in the ledger, as done by the command line; the chain holds.
$ python3 -c 'import sqlite3, sys
> for row in sqlite3.connect(sys.argv[1] + "/record.db").execute("SELECT top, act, reason FROM ledger WHERE kind = ?", ("act",)):
>     print(*row)' "$D"; "$SUNMAO" ledger verify --data "$D"
cli user.add wang:operator
cli user.add admin:administrator
cli user.add li:auditor
cli user.change wang
cli user.role wang:keeper
cli user.disable wang
cli user.enable wang
cli user.reset li
cli user.reset admin
cli user.reset li
台账完整：10 条记录，链条没有断

# What it says to a wrong line.
$ "$SUNMAO" user add wang --data "$D" --role keeper 2>&1
sunmao: 用户名 wang 已经有人用了 [E_CONFLICT]
? 5

$ "$SUNMAO" user add Wang --data "$D" --role keeper 2>&1
sunmao: 用户名应当是 2 到 32 个小写字母、数字、点、下划线或连字符 [E_INVALID]
? 2

$ "$SUNMAO" user add cli --data "$D" --role keeper 2>&1
sunmao: 用户名 cli 留给命令行自己，请换一个 [E_INVALID]
? 2

$ "$SUNMAO" user add zhao --data "$D" --role public 2>&1
sunmao: --role 应当是 keeper（语料管理员）、operator（坐席）、auditor（审计员）或 administrator（系统管理员） [E_INVALID]
? 2

$ "$SUNMAO" user add zhao --data "$D" 2>&1
sunmao: 要给出 --role keeper|operator|auditor|administrator [E_INVALID]
? 2

$ echo short | "$SUNMAO" user add zhao --data "$D" --role keeper --password-stdin 2>&1
sunmao: 密码至少要 10 个字符 [E_INVALID]
? 2

$ "$SUNMAO" user add zhao --data "$D" --role keeper --password-stdin </dev/null 2>&1
sunmao: 标准输入里没有密码 [E_INVALID]
? 2

$ "$SUNMAO" user reset zhao --data "$D" 2>&1
sunmao: 没有用户 zhao [E_NOTFOUND]
? 3

$ "$SUNMAO" user change wang --data "$D" 2>&1
sunmao: 要改什么？给出 --role、--display 或 --department [E_INVALID]
? 2

$ "$SUNMAO" user reset wang --password-stdin --data "$D" 2>&1
sunmao: user reset 没有选项 --password-stdin [E_INVALID]
? 2

$ "$SUNMAO" user add --data "$D" 2>&1
sunmao: 用法：sunmao user add 用户名（--help 看说明） [E_INVALID]
? 2

$ "$SUNMAO" user disable wang li --data "$D" 2>&1
sunmao: 用法：sunmao user disable 用户名（--help 看说明） [E_INVALID]
? 2

$ "$SUNMAO" user --data "$D" 2>&1
sunmao: 用法：sunmao user add|list|change|reset|disable|enable（--help 看说明） [E_INVALID]
? 2

$ "$SUNMAO" user list --data none 2>err.txt; code=$?; grep -c E_NOTFOUND err.txt; exit $code
1
? 3
