package roster

import (
	"strings"
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for s, want := range map[string]string{
		"090-1234-5678": "819012345678", "09012345678": "819012345678", "+81 90 1234 5678": "819012345678", "+81(0)90-1234-5678": "819012345678",
		"819012345678": "819012345678", "0081 90 1234 5678": "819012345678", "０９０ー１２３４": "", "０９０１２３４５６７８": "819012345678",
		"PJSIP/09012345678@trunk": "819012345678", "PJSIP/trunk/sip:+819012345678@sip.example.jp;user=phone": "819012345678", "tel:+81-90-1234-5678": "819012345678",
		"Local/1001@phones": "1001", "1001": "1001", "0100": "0100", "+44 20 7946 0018": "442079460018", "(03) 1234.5678": "81312345678",
		"PJSIP/tanaka": "", "tanaka": "", "anonymous": "", "": "", "+": "", "-": "", "'; DROP TABLE people; --": "", "0901234567x": "", "１２３\x00": "",
		"+81+90": "", "90\n12345678": "", strings.Repeat("9", 1<<20): "", strings.Repeat("0", 65): "", "\xff\xfe": "", "٠١٢٣٤٥٦٧٨٩": "",
	} {
		got, ok := Number(s, "81")
		if got != want || ok != (want != "") {
			t.Errorf("%.40q is %q, %v; want %q", s, got, ok, want)
		}
	}
	if got, _ := Number("09012345678", ""); got != "09012345678" {
		t.Errorf("without a country it is %q", got)
	}
}

func TestByNumber(t *testing.T) {
	r, err := New([]Person{
		{ID: "tanaka", Team: "t", Phone: "PJSIP/09012345678@trunk"}, {ID: "sato", Team: "t", Phone: "PJSIP/sato"},
		{ID: "lee", Team: "t", Phone: "1001"}, {ID: "one", Team: "t", Phone: "03-1111-2222"}, {ID: "two", Team: "t", Phone: "+81311112222"}, {ID: "4711", Team: "t"},
	}, []Team{{ID: "t", Leader: "lee", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]string{
		"+819012345678": "tanaka", "090-1234-5678": "tanaka", "1001": "lee", "01001": "", "sato": "", "PJSIP/sato": "", "0311112222": "", "": "",
		"9012345678": "", "+44 90 1234 5678": "", "4711": "4711",
	} {
		if p, ok := r.ByNumber(number, "81"); p.ID != want || ok != (want != "") {
			t.Errorf("%q calls: %q, %v; want %q", number, p.ID, ok, want)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"+81 90", "PJSIP/0@x", "tel:", "sip:+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Number(s, "81")
		if ok != (got != "") || strings.Trim(got, "0123456789") != "" {
			t.Errorf("%q is %q, %v", s, got, ok)
		}
		if again, _ := Number("+"+got, "81"); ok && again != got {
			t.Errorf("%q is %q, and that is %q", s, got, again)
		}
	})
}
