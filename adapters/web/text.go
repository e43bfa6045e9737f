package web

import (
	"embed"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed text/*.yaml
var textFiles embed.FS

// catalogue holds the pages' sentences by language and key.
type catalogue struct{ byLang map[string]map[string]string }

func loadCatalogue() (*catalogue, error) {
	c := &catalogue{byLang: map[string]map[string]string{}}
	for _, lang := range []string{"en", "ja"} {
		name := "text/" + lang + ".yaml"
		data, err := textFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the console's sentences: %w", err)
		}
		texts := map[string]string{}
		if err := yaml.Unmarshal(data, &texts); err != nil {
			return nil, fmt.Errorf("read the console's sentences in %s: %w", name, err)
		}
		c.byLang[lang] = texts
	}
	return c, nil
}

// text gives the sentence with {name} replaced for each pair of arguments.
// A key that is not there shows itself; a test sees to it that none is.
func (c *catalogue) text(lang, key string, args ...any) string {
	s, ok := c.byLang[lang][key]
	if !ok {
		return key
	}
	if len(args) < 2 {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// word gives the sentence for a value that comes from elsewhere, or the value
// itself when it is not foreseen.
func (c *catalogue) word(lang, family, value string) string {
	if s, ok := c.byLang[lang][family+"."+value]; ok {
		return s
	}
	return value
}
