package jiratest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A token of JQL.
type token struct {
	kind   tokenKind
	text   string // of a string without its quotes
	offset int    // in runes
}

type tokenKind int

const (
	wordToken tokenKind = iota
	stringToken
	signToken // a parenthesis, a comma or an operator
	endToken
)

// reservedCharacters cannot be part of a word.
const reservedCharacters = "{}*/%+$#@?;'[]^\\"

type scanner struct {
	input  []rune
	at     int
	tokens []token
}

// scanJQL cuts JQL into tokens; the last one is its end.
func scanJQL(jql string) ([]token, error) {
	if !utf8.ValidString(jql) {
		return nil, jqlError("The character '\ufffd' on this position is not allowed.", 0)
	}
	s := &scanner{input: []rune(jql)}
	for {
		for s.at < len(s.input) && strings.ContainsRune(" \t\r\n", s.input[s.at]) {
			s.at++
		}
		if s.at == len(s.input) {
			return append(s.tokens, token{endToken, "", s.at}), nil
		}
		if err := s.next(); err != nil {
			return nil, err
		}
	}
}

func jqlError(text string, offset int) error {
	return refuse(400, "Error in the JQL Query: %s (line 1, character %d)", text, offset+1)
}

func (s *scanner) next() error {
	switch r := s.input[s.at]; {
	case r == '"' || r == '\'':
		return s.quoted(r)
	case strings.ContainsRune("(),", r):
		s.add(signToken, string(r), 1)
	case strings.ContainsRune("=!<>~", r):
		s.operator()
	case r == '&' || r == '|':
		word := map[rune]string{'&': "and", '|': "or"}[r]
		length := 1
		if s.at+1 < len(s.input) && s.input[s.at+1] == r {
			length = 2
		}
		s.add(wordToken, word, length)
	case r < ' ' || strings.ContainsRune(reservedCharacters, r):
		return jqlError(fmt.Sprintf("The character '%c' is a reserved JQL character. You must enclose it in a string or use the escape '\\u%04x' instead.", r, r), s.at)
	default:
		s.word()
	}
	return nil
}

func (s *scanner) add(kind tokenKind, text string, length int) {
	s.tokens = append(s.tokens, token{kind, text, s.at})
	s.at += length
}

func (s *scanner) operator() {
	if s.at+1 < len(s.input) {
		if two := string(s.input[s.at : s.at+2]); two == "!=" || two == ">=" || two == "<=" || two == "!~" {
			s.add(signToken, two, 2)
			return
		}
	}
	s.add(signToken, string(s.input[s.at]), 1)
}

func (s *scanner) word() {
	end := s.at
	for end < len(s.input) && s.input[end] > ' ' && !strings.ContainsRune("\"(),=!<>~&|"+reservedCharacters, s.input[end]) {
		end++
	}
	s.add(wordToken, string(s.input[s.at:end]), end-s.at)
}

func (s *scanner) quoted(quote rune) error {
	begin := s.at
	var text strings.Builder
	for s.at++; s.at < len(s.input); s.at++ {
		switch r := s.input[s.at]; {
		case r == quote:
			s.at++
			s.tokens = append(s.tokens, token{stringToken, text.String(), begin})
			return nil
		case r == '\\':
			if err := s.escape(&text); err != nil {
				return err
			}
		case r < ' ' && r != '\n' && r != '\r':
			return jqlError(fmt.Sprintf("The character '\\u%04x' is an illegal JQL character.", r), s.at)
		default:
			text.WriteRune(r)
		}
	}
	return jqlError(fmt.Sprintf("The quoted string '%s' has not been completed.", string(s.input[begin+1:])), begin)
}

// escape reads what follows a backslash and stays at its last character.
func (s *scanner) escape(text *strings.Builder) error {
	s.at++
	if s.at == len(s.input) {
		return jqlError("The quoted string has not been completed.", s.at)
	}
	r := s.input[s.at]
	if plain, ok := map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', '\\': '\\', '"': '"', '\'': '\'', ' ': ' '}[r]; ok {
		text.WriteRune(plain)
		return nil
	}
	if r == 'u' && s.at+4 < len(s.input) {
		code, err := strconv.ParseUint(string(s.input[s.at+1:s.at+5]), 16, 16)
		if err == nil {
			s.at += 4
			text.WriteRune(rune(code))
			return nil
		}
	}
	return jqlError(fmt.Sprintf(`'\%c' is an illegal JQL escape sequence. The valid escape sequences are \', \", \t, \n, \r, \\, '\ ' and \uXXXX.`, r), s.at)
}
