package mail

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// mislabelled finds the Japanese charset of a text whose label is another one
// that allows the bytes, too; "" to believe the label. Kana decide: a misreading
// seldom has them.
func mislabelled(raw []byte, enc encoding.Encoding) string {
	switch enc {
	case japanese.ShiftJIS:
		return insteadOf(raw, enc, eucName)
	case japanese.EUCJP:
		return insteadOf(raw, enc, sjisName)
	case simplifiedchinese.GBK, simplifiedchinese.GB18030, korean.EUCKR, traditionalchinese.Big5:
		// Of EUC-JP there is no telling: GB 2312 and KS X 1001 have kana or
		// letters in the same places, and Big5 its commonest characters.
		if kana, other := kanaOf(decodeBy(japanese.ShiftJIS, raw)); kana > 1 && 3*kana >= other {
			return sjisName
		}
	}
	return ""
}

// twoKana is the sense of a text that two of them give it.
const twoKana = 12

// insteadOf takes the other Japanese charset where the label's makes no sense.
func insteadOf(raw []byte, enc encoding.Encoding, other string) string {
	s := decodeBy(japaneseEncodings[other], raw)
	if senseOf(decodeBy(enc, raw)) > 0 || strings.ContainsRune(s, wrong) || senseOf(s) < twoKana {
		return ""
	}
	return other
}

// kanaOf counts kana of full width, and what else is no ASCII. A text with
// bytes that mean nothing, or with half-width kana, which is what Chinese and
// Korean bytes mostly are in Shift_JIS, has none.
func kanaOf(s string) (kana, other int) {
	for _, r := range s {
		switch {
		case r == wrong, r >= 0xff61 && r <= 0xff9f:
			return 0, 0
		case r >= 0x3041 && r <= 0x30fe:
			kana++
		case r >= 0x80:
			other++
		}
	}
	return kana, other
}
