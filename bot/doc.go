// Tebiki does the work before the work: when a ticket or an alert appears it
// finds out whose it is, gathers what that person must know, and brings it to
// them in chat and on the phone.
//
//	tebiki [serve]          serve the console and do the work
//	tebiki check [DIR]      find what is wrong with a configuration and its know-how
//	tebiki init DIR         write the sample workspace, to start an own one from
//	tebiki alert            send an alert to a running tebiki
//	tebiki digest --now     make the morning's tickets now, or with --dry-run say which
//	tebiki report knowhow   how the know-how is used
//	tebiki audit            which checks were run where, for whom
//	tebiki knowhow          begin an entry; the schema of knowhow.yaml
//	tebiki mail test        what a mail becomes, by which rule
//	tebiki doctor           try what is needed of other systems
//	tebiki webhook test     what a webhook's body becomes, or why not
//	tebiki zabbix mediatype the media type that Zabbix sends alerts with
//	tebiki pin              make the hash of a PIN for callers
//	tebiki version
//
// A tour of the code, in an order to read it in:
//
//   - escalation decides everything about urgent alerts, as a pure function:
//     begin with its doc.go and testdata/scenarios. escalation/schedule says
//     who is on call.
//   - store is the port to what survives a crash; store/bolt the one file it
//     is by default; store/outbox delivers at least once what was decided.
//   - escalation/runner is the loop that gives events to the escalation and
//     commits what follows.
//   - knowhow is what the team knows: entries, documents, checks.
//     knowhow/source keeps the newest good one, knowhow/search finds in it,
//     knowhow/check runs checks.
//   - adapters holds the ports to the outside: tracker, chat, phone,
//     inventory, and source for alerts that come in. Each has the
//     implementation that is brought along, and a conformance suite for all.
//   - bot/watch reads the tracker's changes for all flows. The flows:
//     bot/request (a ticket appears), bot/urgent (what the escalation
//     decides), bot/digest (the morning), bot/review (fixed, looked at,
//     closed). bot/command is what people ask and press in chat, bot/hotline
//     what they hear and press when they call in.
//     bot/mailbox makes alerts of mails, each once.
//     bot/daily is the clock of the teams' mornings. bot/guide chooses the
//     know-how for an alert. bot/shortfall and bot/unreached tell a leader of
//     what the tracker does not take and of whom the chat does not find.
//   - bot/brief and bot/text are what a person reads: know-how and alerts as
//     messages and tickets; sentences in English and Japanese. bot/usage
//     records what the know-how was used for, bot/upkeep tells whoever can
//     mend it, and bot/audit keeps which checks were run.
//   - bot/roster and bot/config make people, rules and limits of a YAML file;
//     bot/sample is the workspace for a first run.
//   - adapters/web is the console and the HTTP API; bot/console shows it the
//     application.
//   - bot/app puts all of it together.
package main
