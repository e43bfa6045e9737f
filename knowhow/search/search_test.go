package search

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"tebiki/knowhow"
)

func sample(t testing.TB) *knowhow.Base {
	t.Helper()
	base, err := knowhow.Load(os.DirFS("../../bot/sample/workspace/knowhow"))
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// TestFirstHit asks as people ask, and wants the right document first, or the
// right component where any of its documents would do.
func TestFirstHit(t *testing.T) {
	index := New(sample(t))
	tests := []struct{ query, lang, want string }{
		{"disk-full", "en", "disk-full/disk-find"},
		{"サブドメイン", "ja", "subdomain/subdomain-name"},
		{"ｻﾌﾞﾄﾞﾒｲﾝ", "ja", "subdomain/subdomain-name"},
		{"証明書", "ja", "certificate/certificate-issue"},
		{"証明書 入れ替え", "ja", "certificate/certificate-install"},
		{"証明書の発行", "ja", "certificate/certificate-issue"},
		{"renew certificate", "en", "certificate/"},
		{"certificates", "en", "certificate/"},
		{"intermediate certificate", "en", "certificate/"},
		{"certifcate", "en", "certificate/"},
		{"cert", "en", "certificate/"},
		{"logrotate", "en", "disk-full/disk-prevent"},
		{"inode", "en", "disk-full/disk-find"},
		{"deleted file still open", "en", "disk-full/disk-find"},
		{"truncate", "en", "disk-full/disk-free"},
		{"再発防止", "ja", "disk-full/disk-prevent"},
		{"サーバ停止", "ja", "host-down/"},
		{"サーバー停止", "ja", "host-down/host-reach"},
		{"ハイパーバイザ", "ja", "host-down/host-reach"},
		{"はいぱーばいざー", "ja", "host-down/host-reach"},
		{"power cycle", "en", "host-down/host-recover"},
		{"mail spam delete", "en", "mail-queue/mail-queue-drain"},
		{"メール 滞留", "ja", "mail-queue/"},
		{"postqueue", "ja", "mail-queue/mail-queue-drain"},
		{"sudo", "en", "account/account-approval"},
		{"公開鍵", "ja", "account/account-create"},
		{"ngnix", "en", "web-server-setting/web-setting-plan"},
		{"nginx reload", "en", "web-server-setting/web-setting-apply"},
		{"リダイレクト 301", "ja", "web-server-setting/web-setting-plan"},
		{"高負荷", "ja", "capacity/capacity-now"},
		{"OOM", "en", "capacity/capacity-now"},
		{"増強", "ja", "capacity/capacity-plan"},
		{"鍵", "ja", ""}, // one character finds something
	}
	for _, tt := range tests {
		hits := index.Search(tt.query, tt.lang, 5)
		if len(hits) == 0 {
			t.Errorf("%q finds nothing", tt.query)
			continue
		}
		if got := hits[0].Component + "/" + hits[0].Doc; !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q finds %s first, want %s; all: %+v", tt.query, got, tt.want, hits)
		}
	}
}

func TestHit(t *testing.T) {
	index := New(sample(t))
	got := index.Search("truncate", "en", 1)
	want := []Hit{{
		Component: "disk-full", Doc: "disk-free", Title: "Freeing disk space",
		Line: "2. A huge log that is open is emptied, not deleted: `truncate -s 0 FILE`", Score: got[0].Score,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := index.Search("ローテーション", "en", 1); len(got) != 1 || got[0].Title != "Keeping the disk from filling again" {
		t.Errorf("a Japanese word asked for in English gives %+v", got)
	}
}

func TestNothing(t *testing.T) {
	index := New(sample(t))
	for _, query := range []string{"", "   ", "!?*", "\x00\xff", "xyzzyplugh", "ー"} {
		if hits := index.Search(query, "en", 5); len(hits) != 0 {
			t.Errorf("%q finds %+v", query, hits)
		}
	}
	if hits := index.Search("disk", "en", 0); len(hits) != 0 {
		t.Errorf("asked for none, got %+v", hits)
	}
	if hits := New(new(knowhow.Base)).Search("disk", "en", 5); len(hits) != 0 {
		t.Errorf("an empty base has %+v", hits)
	}
}

func TestOneHitForEachDocument(t *testing.T) {
	index := New(sample(t))
	seen := make(map[string]bool)
	hits := index.Search("server サーバー the 確認", "ja", 100)
	for i, h := range hits {
		key := h.Component + "/" + h.Doc
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if i > 0 && h.Score > hits[i-1].Score {
			t.Errorf("hit %d scores more than the one before", i)
		}
		if h.Line == "" || strings.Contains(h.Line, "\n") {
			t.Errorf("%s shows %q", key, h.Line)
		}
	}
}

func TestSameAgain(t *testing.T) {
	base := sample(t)
	want := New(base).Search("サーバー disk mail 証明書 reload", "ja", 50)
	for range 20 {
		if diff := cmp.Diff(want, New(base).Search("サーバー disk mail 証明書 reload", "ja", 50)); diff != "" {
			t.Fatalf("differs from run to run:\n%s", diff)
		}
	}
}

func TestUnusedDocument(t *testing.T) {
	doc := "---\ntitle: Tape robot\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\na\n## Procedure\nchange the cartridge\n"
	base, err := knowhow.Load(fstest.MapFS{
		"knowhow.yaml":    {Data: []byte("components:\n  - name: x\n    request_type: x\n    subtickets: [{title: y, document: y}]\n")},
		"docs/y.en.md":    {Data: []byte(strings.Replace(doc, "Tape", "Other", 1))},
		"docs/tape.en.md": {Data: []byte(doc)},
	})
	if err != nil {
		t.Fatal(err)
	}
	hits := New(base).Search("tape", "en", 5)
	if len(hits) != 1 || hits[0].Component != "" || hits[0].Doc != "tape" {
		t.Errorf("got %+v", hits)
	}
}

func termsOf(text string) (terms []string) {
	newScanner().terms(text, func(term []rune) { terms = append(terms, string(term)) })
	return terms
}

func TestTerms(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"Web Servers", []string{"web", "server"}},
		{"class status", []string{"class", "status"}},
		{"サーバー", []string{"さば"}},
		{"証明書を", []string{"証", "証明", "明", "明書", "書", "書を"}},
		{"nginxの設定", []string{"nginx", "の設", "設", "設定", "定"}},
		{"ＤＮＳ-1", []string{"dns", "1"}},
		{"", nil},
	}
	for _, tt := range tests {
		if got := termsOf(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("termsOf(%q) is %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	index := New(sample(f))
	for _, q := range []string{"disk", "証明書", "ｻｰﾊﾞｰ", "a\xffb", "ﾞﾞ"} {
		f.Add(q, "ja")
	}
	f.Fuzz(func(t *testing.T, query, lang string) {
		hits := index.Search(query, lang, 3)
		if len(hits) > 3 {
			t.Errorf("%d hits, want at most 3", len(hits))
		}
		for _, h := range hits {
			if h.Doc == "" || h.Title == "" || !(h.Score > 0) {
				t.Errorf("incomplete: %+v", h)
			}
		}
	})
}
