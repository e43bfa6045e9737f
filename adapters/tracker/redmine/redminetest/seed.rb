# Run once by `rails runner` in a migrated, empty database: Redmine's default
# data in English, REST on, mail off, a bot's user, three people and a custom
# field. Prints as JSON what it made.
I18n.locale = :en
Redmine::DefaultData::Loader.load("en")

Setting.rest_api_enabled = "1"
Setting.notified_events = []
Setting.default_language = "en"
Setting.text_formatting = "textile"

# What a bot is given, and no more: it may not delete, and nobody assigns to it.
bot_role = Role.create!(
  name: "Bot", assignable: false, issues_visibility: "all", users_visibility: "members_of_visible_projects",
  permissions: [:view_issues, :add_issues, :edit_issues, :add_issue_notes, :manage_subtasks, :manage_issue_relations]
)
# People take part, delete and move; they and the bot go from any status to any.
people_role = Role.find_by!(name: "Manager")
Tracker.all.each do |tracker|
  IssueStatus.all.to_a.permutation(2).each do |from, to|
    WorkflowTransition.create!(role: bot_role, tracker: tracker, old_status: from, new_status: to)
  end
end

def person(login, first, last)
  user = User.new(firstname: first, lastname: last, mail: "#{login}@example.com", language: "en", mail_notification: "none")
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex(16)
  user.save!
  { id: user.id, login: login, mail: user.mail, name: user.name, key: user.api_key }
end

server = IssueCustomField.create!(
  name: "Server", field_format: "string", is_for_all: true, is_filter: true, searchable: true,
  trackers: Tracker.all.to_a, visible: true, editable: true
)
admin = User.find_by!(login: "admin")
admin.update!(must_change_passwd: false)

puts JSON.generate(
  admin_key: admin.api_key,
  bot: person("tebiki", "Tebiki", "Bot"),
  people: [person("tanaka", "Yuki", "Tanaka"), person("sato", "Ken", "Sato"), person("suzuki", "Hana", "Suzuki")],
  bot_role: bot_role.id, people_role: people_role.id, server_field: server.id,
  trackers: Tracker.pluck(:name, :id).to_h,
  statuses: IssueStatus.pluck(:name, :id).to_h,
  priorities: IssuePriority.pluck(:name, :id).to_h
)
