package rule

import (
	"maps"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// step reads one of the steps, and takes note of the fields that it reads.
func (r *reader) step(n *yaml.Node, k *known) step {
	out := step{text: bodyText}
	optional := false
	seen := r.mapping(n, "a step of read", keys{
		"in": func(n *yaml.Node) { out.text = r.text(n, "in"); r.field(n, "in", out.text, k) },
		"match": func(n *yaml.Node) {
			if out.match = r.pattern(n, "match"); out.match != nil && !r.groups(n, out.match, k) {
				r.fault(n, "match reads no field; name a group: (?P<host>\\S+)")
			}
		},
		"lines": func(n *yaml.Node) { out.lines = r.lines(n, k) },
		"pairs": func(n *yaml.Node) {
			if out.pairs = r.text(n, "pairs"); out.pairs != "" {
				k.prefixes = append(k.prefixes, out.pairs)
			}
		},
		"optional": func(n *yaml.Node) {
			optional = true
			if out.optional = n.Value == "true"; !out.optional && n.Value != "false" {
				r.fault(n, "optional is %q; write true or false", n.Value)
			}
		},
	})
	ways := slices.DeleteFunc([]string{"match", "lines", "pairs"}, func(way string) bool { return seen[way] == nil })
	if n.Kind == yaml.MappingNode && len(ways) != 1 {
		r.fault(n, "a step of read has %d of match, lines and pairs; give it one", len(ways))
	}
	if optional && seen["match"] == nil {
		r.fault(seen["optional"], "only match can be optional; lines and pairs always are: see need")
	}
	return out
}

// lines reads which keys of "key: value" lines give which field.
func (r *reader) lines(n *yaml.Node, k *known) (out []lineField) {
	r.pairs(n, "lines", func(key, value *yaml.Node) {
		r.newField(key, key.Value, k)
		one := lineField{field: key.Value}
		r.list(value, "the keys of "+key.Value, func(n *yaml.Node) {
			if s := fold(r.text(n, "a line's key")); s != "" {
				one.keys = append(one.keys, s)
			}
		})
		out = append(out, one)
	})
	return out
}

// words reads what the sender's words mean.
func (r *reader) words(n *yaml.Node, out map[string]words) {
	r.pairs(n, "words", func(part, meanings *yaml.Node) {
		if !slices.Contains(parts, part.Value) {
			r.fault(part, "words are for a part of the alert, and %q is none; %s", part.Value, suggest(part.Value, parts))
			return
		}
		index := words{}
		r.pairs(meanings, "words."+part.Value, func(meaning, said *yaml.Node) {
			if part.Value == statusPart && !slices.Contains(statuses, meaning.Value) {
				r.fault(meaning, "%q is no status; %s", meaning.Value, suggest(meaning.Value, statuses))
			}
			r.list(said, "the words for "+meaning.Value, func(n *yaml.Node) {
				if word := fold(r.text(n, "a word")); word != "" {
					index[word] = meaning.Value
				}
			})
		})
		out[part.Value] = index
	})
}

func (r *reader) zone(n *yaml.Node) *time.Location {
	name := r.text(n, "zone")
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		r.fault(n, "%q is no time zone; write one such as Asia/Tokyo", name)
		return nil
	}
	return zone
}

// alert reads what the alert's parts are made of.
func (r *reader) alert(n *yaml.Node, out *rule, k *known) {
	values := keys{
		"labels": func(n *yaml.Node) {
			out.labels = map[string]template{}
			r.pairs(n, "labels", func(key, value *yaml.Node) {
				t := r.template(value, "the label "+key.Value)
				r.fields(value, "the label "+key.Value, t, k)
				out.labels[key.Value] = t
			})
		},
		"labels_of": func(n *yaml.Node) {
			r.list(n, "labels_of", func(n *yaml.Node) {
				name := r.text(n, "labels_of")
				if name != "" && !slices.Contains(k.prefixes, name) {
					r.fault(n, "no step reads pairs: %s; %s", name, suggest(name, k.prefixes))
				}
				out.labeled = append(out.labeled, name)
			})
		},
	}
	for _, part := range parts {
		values[part] = func(n *yaml.Node) {
			t := r.template(n, part)
			r.fields(n, part, t, k)
			out.alert[part] = t
		}
	}
	r.mapping(n, "alert", values)
	maps.DeleteFunc(out.alert, func(_ string, t template) bool { return t == nil })
}
