// A bot on Slack's own clients. It says what happened, a JSON line each; the
// Go test holds that against what the workspace has.
'use strict';
const { WebClient, LogLevel } = require('@slack/web-api');
const { SocketModeClient } = require('@slack/socket-mode');

const { SLACK_URL: slackApiUrl, SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken } = process.env;
const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
const web = new WebClient(botToken, { slackApiUrl, logLevel: LogLevel.ERROR });

async function calls() {
  const who = await web.auth.test();
  say('auth', { user: who.user_id, scopes: who.response_metadata.scopes });

  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*one*' } }];
  const metadata = { event_type: 'tebiki', event_payload: { key: 'INC-1' } };
  const posted = await web.chat.postMessage({ channel: 'CINFRA', text: 'one', blocks, metadata });
  say('post', { ts: posted.ts, text: posted.message.text });
  const updated = await web.chat.update({ channel: 'CINFRA', ts: posted.ts, text: 'two', blocks: [] });
  say('update', { ts: updated.ts, text: updated.text });

  let waits = 0;
  web.on('rate_limited', (seconds) => { waits = seconds; });
  await web.chat.postEphemeral({ channel: 'CINFRA', user: 'USATO', text: 'after a wait' });
  say('limited', { waits });

  await web.chat.postMessage({ channel: 'CNONE', text: 'nowhere' })
    .catch((e) => say('refused', { error: e.data.error }));
  await web.chat.postMessage({ channel: 'CINFRA', text: 'x', blocks: [{ type: 'banner' }] })
    .catch((e) => say('invalid', { error: e.data.error, messages: e.data.response_metadata.messages }));

  const names = [];
  for await (const page of web.paginate('users.list', { limit: 2 })) names.push(...page.members.map((m) => m.id));
  say('users', { names });
}

const modal = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Request' },
  submit: { type: 'plain_text', text: 'Send' },
  blocks: [{
    type: 'input', block_id: 'note', label: { type: 'plain_text', text: 'Note' },
    element: { type: 'plain_text_input', action_id: 'note' },
  }],
};

async function socket() {
  const client = new SocketModeClient({
    appToken, clientPingTimeout: 500, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR,
  });
  client.on('connected', () => say('connected'));
  client.on('app_mention', async ({ ack, event }) => { await ack(); say('mention', { text: event.text }); });
  client.on('slash_commands', async ({ ack, body }) => {
    await ack({ text: 'looking' });
    const view = await web.views.open({ trigger_id: body.trigger_id, view: modal });
    say('command', { command: body.command, view: view.view.id });
  });
  client.on('interactive', async ({ ack, body }) => {
    await ack({ response_action: 'errors', errors: { note: 'too short' } });
    say('submitted', { note: body.view.state.values.note.note.value });
  });
  await client.start();
  process.stdin.on('end', async () => { await client.disconnect(); process.exit(0); });
  process.stdin.resume();
}

calls().then(socket).catch((e) => { say('failed', { error: String(e), data: e.data }); process.exit(1); });
