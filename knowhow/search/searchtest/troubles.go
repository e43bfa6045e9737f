package searchtest

import "strings"

// A trouble is what happens to a subject, or is asked for it.
type trouble struct {
	slug, ja, en         string
	jaWord, enWord       string // how an alias says it
	askJa, askEn         string // how people ask, with the subject for %s
	alert                string // how a monitoring system names it
	saysEn, saysJa       string // what its alert says, with a number for %d
	jaSteps, enSteps     []string
	jaRemedies, enRemedy []string
}

var troubles = parseTroubles(`
full|容量不足|out of space|逼迫|full|%sがいっぱいで書き込めないときはどうする|%s has no space left, what can I remove|SpaceLow|only %d%% of space left|空き容量が残り%d%%です|使用量の多い場所を探す;増え方をグラフで見る|find what uses most of the space;look at the graph of growth|不要なファイルを消して空きを作る;上限の拡張を申請する|remove old files to free space;apply for a larger quota
lag|同期遅延|replication lag|遅延|lagging|%sの同期が遅れているので追いつかせたい|%s replica is lagging behind the primary|ReplicationLag|replica is %d seconds behind|同期が%d秒遅れています|主系と待機系の差を測る;長い取引がないか見る|measure how far the replica is behind;look for long transactions|待機系を作り直す;回線の帯域を広げる|rebuild the replica;widen the link
down|停止|outage|ダウン|down|%sが落ちていて応答がない|%s does not answer at all|Unreachable|has not answered for %d seconds|%d秒間応答がありません|電源とリンクを見る;コンソールの最後の画面を残す|see whether it has power and link;keep the last screen of the console|強制的に電源を入れ直す;保守業者を呼ぶ|power it off and on;call the vendor
slow|応答遅延|slowness|重い|slow|%sが重くて画面がなかなか開かない|why is %s so slow today|LatencyHigh|p99 latency is %d ms|応答に%dミリ秒かかっています|待ち時間の内訳を取る;混んでいる時間帯を調べる|profile where the time goes;find the busy hours|重い問い合わせを止める;台数を増やす|stop heavy requests;add instances
certificate|証明書の期限切れ|certificate expiry|証明書|cert|%sの証明書がもうすぐ切れるので更新したい|renew the expiring certificate of %s|CertificateExpiring|certificate expires in %d days|証明書の有効期限まで%d日です|有効期限と発行者を確かめる;中間証明書の並びを見る|see when it expires and who issued it;look at the chain of intermediates|署名要求を作って認証局に出す;新しい証明書に入れ替える|make a signing request for the authority;install the new certificate
access|権限追加|access rights|権限|access|%sを使えるように権限を付けてほしい|give a new colleague access to %s|AccessDenied|%d requests were denied|%d件のアクセスが拒否されました|申請者の所属と承認を確かめる;今の権限を書き出す|see that the leader approved;list the present rights|グループに加える;期限を決めて権限を渡す|add the person to the group;grant the right with an end date
backup|バックアップ失敗|failed backup|控え|backup|%sの昨夜のバックアップが取れていない|last night's backup of %s failed|BackupFailed|backup ended with status %d|バックアップが状態%dで終わりました|終了状態と記録を読む;媒体の残りを見る|read the exit status and the log;see how much medium is left|失敗した分だけ取り直す;世代数を減らす|run the failed part again;keep fewer generations
upgrade|バージョンアップ|version upgrade|更新|upgrade|%sを新しい版に上げたい|move %s to the newest version|VersionOutdated|runs a version that is %d days old|版が%d日古くなっています|変更点と互換性を読む;試験環境で先に試す|read the release notes;try it in staging first|片系ずつ入れ替える;戻し方を用意する|replace one node at a time;prepare the way back
memory|メモリ不足|memory shortage|メモリ|oom|%sがメモリを食いつぶして止まる|%s gets killed because it eats all memory|OutOfMemory|killed by the kernel, rss was %d MB|メモリ使用量が%dMBに達しました|どのプロセスが使っているか見る;交換領域の動きを見る|see which process holds it;watch swap activity|上限を設けて再起動する;増設を依頼する|set a limit and restart;order more modules
failover|系切り替え|failover|フェイルオーバー|failover|%sを待機系に切り替える手順|switch %s over to the standby side|FailoverHappened|role changed %d times within an hour|1時間に%d回切り替わりました|両系の役割を確かめる;切り替えの影響を知らせる|see which side is active;announce the switch|待機系を昇格させる;元の主系を切り離す|promote the standby;fence the old primary
settings|設定変更|settings change|設定|config|%sの設定を書き換えて反映したい|change a parameter of %s and apply it|ConfigDrift|%d files differ from the repository|%d個のファイルが管理元と違います|影響範囲を調べて差分を作る;同僚に見てもらう|find what is affected and write the diff;have a colleague review it|文法を検査してから反映する;すぐ戻せるようにする|check the syntax and apply;keep it easy to undo
login|ログイン不可|login failure|ログイン|login|%sにログインできないと言われた|users cannot log in to %s|LoginFailures|%d failed logins in ten minutes|10分間に%d回認証に失敗しました|ロックと期限を確かめる;失敗の記録を拾う|see whether the account is locked;collect the failures|鍵を再登録する;仮の暗証を渡す|register the key again;hand over a temporary password
packet-loss|通信断|packet loss|パケットロス|drops|%sまでの通信が途切れる|connection to %s drops again and again|PacketLoss|%d%% of packets are lost|パケットの%d%%が失われています|経路を両方向から測る;ケーブルと口の誤りを数える|trace the path from both ends;count the errors of cable and port|予備の経路に逃がす;部品を取り替える|move to the spare path;replace the part
clock|時刻ずれ|clock drift|時計|clock|%sの時計がずれている|clock of %s is wrong|ClockSkew|clock is off by %d ms|時計が%dミリ秒ずれています|参照元とずれの大きさを見る;うるう秒の扱いを確かめる|see its source and offset;see how leap seconds are handled|少しずつ合わせる;参照元を差し替える|slew it back;replace its source
errors|エラー増加|rising errors|エラー|errors|%sがエラーを返す割合が増えた|%s returns many errors since the release|ErrorRateHigh|%d%% of requests fail|要求の%d%%が失敗しています|直前の変更を並べる;失敗する要求を抜き出す|list the latest changes;pick out failing requests|直前の版に戻す;一部の機能を閉じる|roll back the release;close the feature
queue|キュー滞留|stuck queue|滞留|queue|%sに大量に溜まって流れない|too much is waiting in %s and nothing moves|QueueGrowing|%d items are waiting|%d件が待っています|一番古いものの待ち時間を見る;送り先ごとに数える|see how long the oldest waits;count by destination|止まった宛先を後回しにする;まとめて流し直す|defer the stuck destination;flush the rest
capacity|増強計画|capacity planning|増強|capacity|%sを来年に向けて増やす見積もり|estimate what %s needs next year|CapacityForecast|will be exhausted in %d days|%d日後に上限に達する見込みです|三か月の伸びを出す;購入の期限を確かめる|compute the growth of three months;ask when orders close|見積もりを取って稟議に回す;段階を分けて足す|get a quote and have it approved;add it in stages
restore|データ復元|restoring data|復元|restore|%sで消してしまったものを元に戻したい|bring back what was deleted from %s|DataLost|%d objects are missing|%d個の実体が見つかりません|いつの状態に戻すか決める;戻す先を別に用意する|agree on the point in time;prepare a place apart|控えから取り出す;突き合わせてから差し替える|extract it from the archive;compare and swap in
connections|接続枯渇|connection exhaustion|接続数|connections|%sにつなごうとすると接続数の上限だと言われる|too many connections to %s|TooManyConnections|%d connections are open|接続が%d本開いています|つなぎっぱなしの利用者を探す;上限と現在値を見る|find clients that never close;see the limit and the count|古い接続を切る;共有の口を挟む|close idle sessions;put a pool between
retire|廃止|decommissioning|撤去|retire|%sを使わなくなったので片付けたい|remove %s for good|StillReferenced|%d hosts still refer to it|%d台がまだ参照しています|参照している相手を洗い出す;契約の終わりを見る|find who still refers to it;see when contracts end|記録を保管して止める;台帳から消す|archive the records and stop it;delete it from the inventory
`)

func parseTroubles(table string) []trouble {
	rows := cells(table)
	all := make([]trouble, 0, len(rows))
	for _, r := range rows {
		list := func(i int) []string { return strings.Split(r[i], ";") }
		all = append(all, trouble{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], list(10), list(11), list(12), list(13)})
	}
	return all
}
