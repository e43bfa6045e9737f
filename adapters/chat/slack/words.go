package slack

// words are the few that the adapter itself says. Everything else comes from
// the flows in the reader's language.
type words struct {
	Urgent, More, Working, Failed, Starting, Busy, OpenForm, FormLate, Send, Cancel, Choose, NoForm, Open string
}

var english = words{
	Urgent: "Urgent", More: "more", Working: "One moment …", Failed: "That did not work on our side. It is in the log; please try again.",
	Starting: "Tebiki is still starting: please try again in a moment.", Busy: "Too much is going on: please try again in a moment.",
	OpenForm: "Open the form", FormLate: "The form is ready.", Send: "Send", Cancel: "Cancel", Choose: "Choose",
	NoForm: "This form is no longer there: please begin again.", Open: "Open",
}

var japanese = words{
	Urgent: "緊急", More: "続き", Working: "お待ちください…", Failed: "こちらの問題で処理できませんでした。記録しましたので、もう一度お試しください。",
	Starting: "Tebiki は起動中です。少し待ってからもう一度お試しください。", Busy: "混み合っています。少し待ってからもう一度お試しください。",
	OpenForm: "フォームを開く", FormLate: "フォームの準備ができました。", Send: "送信", Cancel: "キャンセル", Choose: "選んでください",
	NoForm: "このフォームはもうありません。もう一度始めてください。", Open: "開く",
}

func say(lang string) words {
	if lang == "ja" {
		return japanese
	}
	return english
}
