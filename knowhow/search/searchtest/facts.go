package searchtest

// A fact is a line of a document that few have, with the words that somebody
// who half remembers it would look for.
type fact struct{ ja, en, jaWords, enWords string }

var facts = parseFacts(`
夜間は守衛室に電話してから入館する|At night call the guards before you enter the building|守衛室 入館|guards building
作業の前に黄色い札を筐体に貼る|Put a yellow tag on the chassis before you begin|黄色い札|yellow tag
月末の三日間は会計部門の許可が要る|During the last three days of a month ask accounting|月末 会計部門|month accounting
予備の部品は倉庫の赤い棚にある|Spare parts are on the red shelf of the warehouse|予備の部品 倉庫|spare parts warehouse
保守契約の番号は封筒の中にある|The number of the support contract is in the envelope|保守契約の番号|support contract envelope
作業中は館内放送を止めてもらう|Have announcements stopped while you work|館内放送|announcements stopped
海外拠点には英語で前日までに知らせる|Tell the offices abroad in English a day ahead|海外拠点 前日|offices abroad
監査のため画面を録画しておく|Record the screen for the auditors|監査 録画|auditors record screen
二人で声を出して確認しながら進める|Work in pairs and read each step aloud|声を出して確認|pairs aloud
型番が古い筐体は蓋を開けない|Never open the lid of the old model|型番 蓋|lid old model
雷の日は回線の切り替えを見合わせる|Postpone line work during a thunderstorm|雷の日|thunderstorm
鍵は総務の金庫から借りる|Borrow the key from the safe in general affairs|総務 金庫|safe key
終わったら取引先の窓口に礼を言う|Thank the contact at the customer afterwards|取引先の窓口|customer contact
静電気防止の手袋を着ける|Wear gloves against static electricity|静電気防止 手袋|gloves static
床下の配線図は机の引き出しにある|The plan of the cables under the floor is in the drawer|床下 配線図|cables floor drawer
騒音の苦情が出たら一旦中止する|Pause when neighbours complain of noise|騒音の苦情|neighbours noise
正午の時報と重なる作業はしない|Do nothing while the noon signal sounds|正午の時報|noon signal
台風の前には燃料を満たす|Fill the fuel tank before a typhoon|台風 燃料|typhoon fuel
委託先の作業員には腕章を渡す|Hand armbands to contractors|委託先 腕章|armbands contractors
障害報告書は翌営業日の十時までに出す|File the incident report by ten the next business day|障害報告書 翌営業日|incident report business day
冷蔵庫の磁石で目印を付ける|Mark it with a magnet from the fridge|冷蔵庫の磁石|magnet fridge
広報に発表文を用意してもらう|Ask public relations for a statement|広報 発表文|public relations statement
個人情報を含む行は黒塗りにする|Black out lines with personal data|個人情報 黒塗り|personal data black out
法務の合意書を先に得る|Get the agreement of the lawyers first|法務 合意書|lawyers agreement
祝日の当番には振替休日を付ける|Whoever works on a holiday gets a day off|祝日 振替休日|holiday day off
古い媒体は溶解処理に回す|Old media are shredded by the recycler|溶解処理|media shredded
`)

func parseFacts(table string) []fact {
	rows := cells(table)
	all := make([]fact, 0, len(rows))
	for _, r := range rows {
		all = append(all, fact{r[0], r[1], r[2], r[3]})
	}
	return all
}

// Lines that every second document has: they tell nothing.
var commonJa = []string{
	"チケットに結果を貼る", "影響するサービスを書く", "作業の時刻と担当者を記録する", "判断に迷ったら当番のリーダーに電話する",
	"監視を一時的に止めるときは終わりの時刻を決める", "サーバーの名前を台帳で確かめる", "変更の前後で設定の控えを取る", "利用者に連絡してから始める",
	"エラーの文面はそのまま写す", "同じ時間帯の他の作業がないか予定表を見る", "終わったら関係者に報告する", "ディスクとメモリとネットワークを一通り見る",
}

var commonEn = []string{
	"Put the output on the ticket", "Name the services that are affected", "Note the time and who did it", "When in doubt call the leader on duty",
	"Silence the monitoring only with an end time", "Look the server up in the inventory", "Keep a copy of the settings before and after", "Tell the users before you begin",
	"Copy the error as it stands", "See the calendar for other work at the same time", "Report to everybody concerned when it is done", "Look at disk, memory and network once",
}
