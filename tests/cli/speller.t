# The speller learns from the corpus and from files; with too little to learn from it does not.
$ "$SUNMAO" train speller --data "$D" 2>&1 | sed 's/只有[0-9]*字/只有N字/'
sunmao: 只有N字，少于1000000字学不出用字的规律；请先导入法规（sunmao import --kind law），或者给出以往的公文 [E_INVALID]

$ "$SUNMAO" train speller --data "$D" nowhere.docx >/dev/null 2>&1
? 3

$ python3 -c 'for i in range(30000): print("有关部门应当依法履行监督管理职责，对违法行为依法追究责任。")' >past.txt; "$SUNMAO" train speller --data "$D" past.txt | sed 's/学了[0-9]*字，模型[0-9.]*/学了N字，模型N/'
学了N字，模型N兆字节；此后的审核用它查错别字（规则SP-01）

$ echo '有关部门应当依法履行坚督管理职责，对违法行为依法追究责任。' >draft.txt; "$SUNMAO" review --data "$D" draft.txt --json | python3 -c 'import json, sys
> for f in json.load(sys.stdin)["findings"]:
>     if f["rule"] == "SP-01": print(f["start"], f["text"], f["suggest"], f["why"])'
10 坚 监 “坚”疑为“监”之误，按本单位文本的用字统计

# A model that is none is told, not passed over.
$ echo 坏了 >"$D/model/speller.bin"; "$SUNMAO" review --data "$D" draft.txt 2>&1
sunmao: 不是错别字模型，或者版本不对；请重新训练 [E_CORRUPT]
? 7

$ "$SUNMAO" eval speller nowhere
没有文件夹 nowhere，略过。
