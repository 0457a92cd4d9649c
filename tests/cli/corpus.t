# What is in the corpus, its states, its clauses.
$ "$SUNMAO" corpus list --data "$D"
P01	现行有效	云澜市	云澜市人才购房补贴实施办法	第 1 版
P02	已被替代	云澜市	云澜市引进人才购房补贴暂行办法	第 1 版
P20	现行有效	云澜市	云澜市户口迁移管理规定	第 1 版

# The state is that of the day asked about.
$ "$SUNMAO" corpus list --data "$D" --as-of 2022-01-01 | cut -f1,2
P01	尚未施行
P02	现行有效
P20	尚未施行

$ "$SUNMAO" corpus list --data "$D" --kind item --json | $PICK id state version | head -n 3
HJ-001 现行有效 1
HJ-002 现行有效 1
HJ-003 现行有效 1

$ "$SUNMAO" corpus list --data "$D" --kind item | wc -l
12

$ "$SUNMAO" corpus list --data "$D" --kind law

$ "$SUNMAO" corpus show P01 --data "$D" | sed -n 1,3p
P01 《云澜市人才购房补贴实施办法》 现行有效
[第一条] 第一条 为吸引各类人才来本市就业创业、安居乐业，促进房地产市场平稳健康发展，根据国家和省有关人才工作的要求，结合本市实际，制定本办法。
[第二条] 第二条 本办法适用于在本市五区两县范围内购买新建商品住房的人才。二手住房、公寓、商铺、车位不纳入补贴范围。

$ "$SUNMAO" corpus show P01 --data "$D" --json | $PICK path | sed -n '1p;5p'
第一条
第五条

$ "$SUNMAO" corpus show NONE --data "$D" 2>&1
sunmao: 语料里没有 NONE [E_NOTFOUND]
? 3

$ "$SUNMAO" corpus show --data "$D" 2>&1
sunmao: 要看哪一件？例：sunmao corpus show P01 [E_INVALID]
? 2

$ "$SUNMAO" corpus frob --data "$D" 2>&1
sunmao: 用法：sunmao corpus check|list|show（--help 看说明） [E_INVALID]
? 2

# The governance report finds the superseded policy.
$ "$SUNMAO" corpus check --data "$D"
~~
已被替代的文件：1
~  P02《云澜市引进人才购房补贴暂行办法》已被 P01《云澜市人才购房补贴实施办法》替代.*
~~

$ "$SUNMAO" corpus check --data "$D" --json | grep -o '"kind":"superseded","a":"P02"'
"kind":"superseded","a":"P02"
