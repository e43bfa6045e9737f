package redminetest

import (
	"fmt"
	"os"
	"testing"
)

var shared Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }

func TestExplore(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t, "disk", "dns")
	fmt.Printf("%+v\n%+v\n", s, p)
	bot := s.As(t, s.Bot)
	i := bot.Create(p, "one", Fields{"category_id": p.Categories["disk"]})
	fmt.Printf("%+v\n", i)
	if f := os.Getenv("HOLD"); f != "" {
		os.WriteFile(f, []byte(fmt.Sprintf("U=%s A=%s B=%s P=%d I=%s L=%s\n", s.URL, s.AdminKey, s.Bot.Key, p.ID, p.Identifier, string(s.in))), 0o644)
		select {}
	}
}
