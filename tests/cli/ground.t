# One verdict a line, in order; a bad line says what is wrong with it and the batch goes on.
$ cat >in.jsonl <<'END'
> {"id":"a","evidence":[{"id":"HY-001/fee","title":"办事指南《内地居民结婚登记》","text":"不收费"},{"id":"HY-001/promised_limit","title":"办事指南《内地居民结婚登记》","text":"承诺办结时限：1个工作日"}],"sentence":"承诺1个工作日办结。"}
> {"id":"b","evidence":[{"id":"HY-001/fee","title":"办事指南《内地居民结婚登记》","text":"不收费"},{"id":"HY-001/promised_limit","title":"办事指南《内地居民结婚登记》","text":"承诺办结时限：1个工作日"}],"sentence":"承诺1日办结。"}
> {"id":"c","evidence":[{"id":"x","title":"","text":"男方年满22周岁、女方年满20周岁"}],"sentence":"女方年满22周岁、男方年满20周岁。"}
> {"id":7,"evidence":[{"id":"x","text":"任何地方不得以没有结婚证为由拒绝登记。"}],"sentence":"没有结婚证的可以拒绝登记。"}
> {"id":"d","evidence":[{"id":"x","title":"","text":"可以委托他人代办。"}]}
> {"id":"e","evidence":[{"id":"x","text":"甲"},{"id":"x","text":"乙"}],"sentence":"甲"}
> {"id":"f","evidence":{},"sentence":"甲"}
> no line
> END
$ "$SUNMAO" ground --batch in.jsonl
{"id":"a","verdict":"supported","facts":[{"text":"1个工作日","kind":"workdays","ok":true,"where":"HY-001/promised_limit"}],"why":"","code":"ok","nearest":{"id":"HY-001/promised_limit","text":"承诺办结时限：1个工作日"},"open":false}
{"id":"b","verdict":"contradicted","facts":[{"text":"1日","kind":"days","ok":false,"where":null}],"why":"“1日”在证据里没有","code":"fact_absent","nearest":{"id":"HY-001/promised_limit","text":"承诺办结时限：1个工作日"},"open":false}
{"id":"c","verdict":"contradicted","facts":[{"text":"22周岁","kind":"age","ok":false,"where":null},{"text":"20周岁","kind":"age","ok":false,"where":null}],"why":"“22周岁”在证据里说的不是这个","code":"fact_slot","nearest":{"id":"x","text":"男方年满22周岁、女方年满20周岁"},"open":false}
{"id":7,"verdict":"contradicted","facts":[],"why":"肯定与否定同证据相反","code":"negation","nearest":{"id":"x","text":"任何地方不得以没有结婚证为由拒绝登记"},"open":false}
{"id":"d","error":{"code":"E_INVALID","message":"sentence 应当是文字"}}
{"id":"e","error":{"code":"E_INVALID","message":"证据里有两条的 id 都是 x"}}
{"id":"f","error":{"code":"E_INVALID","message":"evidence 应当是列表"}}
{"id":null,"error":{"code":"E_INVALID","message":"第 8 行：不是合格的 JSON（第 1 行第 2 列：'[' or '{' expected near 'no'）"}}
$ "$SUNMAO" ground --batch - --out out.jsonl <in.jsonl; "$SUNMAO" ground --batch in.jsonl | cmp - out.jsonl && echo same
same
$ "$SUNMAO" ground 2>&1
sunmao: 要有 --batch 文件；用 sunmao ground --help 看说明 [E_INVALID]
? 2
$ "$SUNMAO" ground --batch nowhere.jsonl 2>&1
sunmao: 打不开输入文件 nowhere.jsonl [E_NOTFOUND]
? 3
$ "$SUNMAO" eval ground in.jsonl 2>&1
sunmao: in.jsonl 第 1 行：缺少 verdict [E_INVALID]
? 2
