package slack

import (
	"maps"
	"slices"
	"strings"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

// faultAnswer shows faults at the fields of a window. What belongs to no
// field that is there stands at the first, because Slack drops it otherwise.
func (s *Slack) faultAnswer(c sdk.InteractionCallback, faults map[string]string, general string) any {
	blocks := readWindow(c.View).blocks
	if len(blocks) == 0 {
		return nil
	}
	out := map[string]string{}
	for field, what := range faults {
		if block, ok := blocks[field]; ok {
			out[block] = cutLabel(mrkdwn.Line(what), maxFieldText)
		} else {
			general = strings.TrimSpace(general + " " + what)
		}
	}
	if first := firstBlock(c.View); general != "" && first != "" {
		out[first] = cutLabel(mrkdwn.Line(out[first]+" "+general), maxFieldText)
	}
	return sdk.NewErrorsViewSubmissionResponse(out)
}

func firstBlock(v sdk.View) string {
	for _, b := range v.Blocks.BlockSet {
		if input, ok := b.(*sdk.InputBlock); ok {
			return input.BlockID
		}
	}
	return ""
}

// faultList writes faults as text, in the order of the fields' names.
func faultList(faults map[string]string) string {
	var out strings.Builder
	for _, field := range slices.Sorted(maps.Keys(faults)) {
		out.WriteString("- ⚠ " + chat.Line(faults[field]) + "\n")
	}
	return out.String()
}
