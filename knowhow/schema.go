package knowhow

import (
	"encoding/json"
	"fmt"
)

// shapes are those of knowhow.yaml, besides the file's own.
var shapes = []*shape{componentShape, textShape, fieldShape, alertShape, subticketShape, checkShape, paramShape, expectShape}

// Schema gives a JSON Schema (draft 2020-12) of knowhow.yaml, with which
// editors complete and complain. It is made from what Load reads by, and
// accepts all that Load accepts; Load refuses more, such as a reference to a
// document that does not exist.
func Schema() ([]byte, error) {
	defs := make(kind)
	for name, text := range texts {
		defs[name] = text
	}
	for _, s := range shapes {
		defs[s.name] = s.schema()
	}
	root := fileShape.schema()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = File
	root["$defs"] = defs
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", File, err)
	}
	return append(text, '\n'), nil
}

func (s *shape) schema() kind {
	properties, beside := make(kind), make(kind)
	var needed []string
	for _, k := range s.keys {
		properties[k.name] = k.schema()
		if k.needed {
			needed = append(needed, k.name)
		}
		if k.beside != "" {
			beside[k.name] = []string{k.beside}
		}
	}
	out := kind{"description": s.about, "type": "object", "properties": properties, "additionalProperties": false}
	if needed != nil {
		out["required"] = needed
	}
	if len(beside) > 0 {
		out["dependentRequired"] = beside
	}
	if s.empty != "" {
		out["minProperties"] = 1
	}
	if s.one != nil {
		var one []kind
		for _, name := range s.one {
			one = append(one, kind{"required": []string{name}})
		}
		out["oneOf"] = one
	}
	return out
}

// schema is the value's, with what is said of it here.
func (k *key) schema() kind {
	out := kind{"description": k.about}
	if k.deflt != nil {
		out["default"] = k.deflt
	}
	if k.examples != nil {
		out["examples"] = k.examples
	}
	for word, value := range k.value {
		out[word] = value
	}
	return out
}
