// Package outbox keeps what is to be done in the outside world in the same
// commit as the decision to do it, and delivers it at least once.
//
// Data's way: a flow calls Add inside its own transaction, then Wake. The
// outbox reads the new items in order, hands each to the handler of its
// destination, and tries again with growing pauses until the handler has
// settled it. Settling removes the item in the same commit that holds the
// result, so a crash at any point repeats a delivery and never loses one.
//
// The rules:
//
//   - Items of one lane are delivered one after the other in the order they
//     were added; lanes do not wait for each other. A lane whose first item
//     fails waits for that item.
//   - Each destination has its own bounded workers and its own pause after
//     an Error with Pause set: a slow destination never delays another.
//   - Among the lanes ready at a destination, urgent items go first, then
//     the oldest.
//   - A handler that returns nil has settled the item. A handler that
//     returns an error is called again later; what must give up decides so
//     itself, and settles.
//
// Stored: bucket "outbox", key store.Seq(counter of the bucket), value
// version 1 of Item without its Seq. Attempts are kept in memory only: after
// a restart everything is tried at once.
package outbox
