package searchtest

import "strings"

// A subject is a thing that teams run.
type subject struct {
	slug, ja, en     string
	jaWords, enWords []string // other names that people give it
	tools            []string // commands, files and settings
}

// subjects come in two halves that share no subject: what was tried out on
// one half can be proven on the other.
var subjects = parseSubjects(`
mail-relay|メールリレー|mail relay|メール中継;送信サーバー|smtp gateway;postfix|postqueue -p;/var/log/maillog;main.cf
load-balancer|ロードバランサー|load balancer|負荷分散装置;エルビー|haproxy;lb|haproxy -c;show stat;/etc/haproxy/haproxy.cfg
file-server|ファイルサーバー|file server|共有フォルダー;共有領域|nfs;samba|exportfs -v;smbstatus;/export/home
hypervisor|ハイパーバイザー|hypervisor|仮想基盤;仮想化ホスト|kvm;esxi|virsh list;esxtop;/var/lib/libvirt
proxy|プロキシサーバー|web proxy|社内プロキシ;中継装置|squid;forward proxy|squid -k parse;/etc/squid;access.log
kubernetes|クバネティス|Kubernetes cluster|コンテナ基盤;オーケストレーション|k8s;pods|kubectl get pods;etcdctl;kubelet
postgres|ポストグレス|PostgreSQL database|ポスグレ;業務データベース|postgresql;pg|psql;pg_stat_activity;/var/lib/pgsql
redis|レディス|Redis cache|キャッシュサーバー;セッション保管|valkey;cache|redis-cli info;maxmemory;/etc/redis
storage-array|ストレージアレイ|storage array|外部記憶装置;ディスク装置|san;netapp|multipath -ll;iscsiadm;lun
vpn|リモートアクセス|VPN gateway|在宅接続;社外接続|openvpn;remote access|ipsec status;wg show;/etc/openvpn
wireless|アクセスポイント|wireless network|無線網;ワイファイ|wlan;wifi|show ap summary;ssid;radius
backup-server|バックアップサーバー|backup server|保管装置;テープ装置|bacula;tape library|bconsole;mtx status;/etc/bacula
log-collector|ログコレクター|log collector|ログ収集基盤;シスログ|syslog;fluentd|journalctl;rsyslog.conf;td-agent
directory|ディレクトリーサービス|directory service|認証基盤;社員名簿|ldap;active directory|ldapsearch;slapd;nsswitch.conf
batch|バッチスケジューラー|batch scheduler|夜間処理;ジョブ管理|cron;jobs|crontab -l;at queue;/etc/cron.d
message-broker|メッセージブローカー|message broker|キューイング基盤;非同期処理|rabbitmq;amqp|rabbitmqctl;vhost;/etc/rabbitmq
firewall|ファイアウォール|firewall|防火壁;通信許可|iptables;packet filter|nft list;iptables-save;conntrack
print-server|プリントサーバー|print server|複合機;印刷機|cups;printer|lpstat -t;cupsd.conf;/var/spool/cups
wiki|ナレッジベース|knowledge wiki|社内文書;手順書置き場|confluence;mediawiki|catalina.sh;php-fpm;LocalSettings
telephony|コールセンター|telephony|電話交換機;内線|asterisk;sip|sip show peers;extensions.conf;rtp
gitlab|ギットラボ|GitLab|ソース管理;構成管理|git server;repository|gitlab-ctl;gitaly;/etc/gitlab
oracle|オラクル|Oracle database|基幹データベース;会計の元帳|rac;plsql|sqlplus;tnsnames.ora;asmcmd
gateway-router|ゲートウェイルーター|edge router|境界装置;対外接続|bgp;wan|show ip bgp;vtysh;/etc/frr
mainframe|メインフレーム|mainframe|汎用機;勘定系|zos;jcl|sdsf;jes2;racf
mysql|マイエスキューエル|MySQL database|顧客データベース;会員台帳|mariadb;innodb|mysqladmin;show slave status;/etc/my.cnf
web-server|ウェブサーバー|web server|公開サイト;ホームページ|nginx;apache|nginx -t;apachectl;/etc/nginx
dns|ネームサーバー|DNS server|名前解決;ゾーン管理|bind;resolver|rndc;dig;named.conf
dhcp|アドレス配布|DHCP server|自動割り当て;アドレス払い出し|kea;leases|dhcpd.leases;kea-shell;/etc/kea
switch|ネットワークスイッチ|network switch|スイッチングハブ;集線装置|catalyst;layer two|show interfaces;spanning-tree;vlan
elastic|エラスティックサーチ|Elasticsearch|全文検索;索引基盤|opensearch;lucene|_cluster/health;shard;elasticsearch.yml
object-store|オブジェクトストレージ|object storage|画像置き場;添付ファイル保管|minio;s3|mc admin;bucket;lifecycle
monitoring|モニタリング|monitoring server|監視装置;見張り役|zabbix;nagios|zabbix_get;nrpe.cfg;/etc/zabbix
ci|ビルドサーバー|build server|継続的統合;ビルド環境|jenkins;pipelines|jenkins-cli;agent.jar;workspace
time-server|タイムサーバー|time server|時刻同期;標準時|ntp;chrony|chronyc sources;stratum;chrony.conf
single-sign-on|シングルサインオン|single sign-on|統合認証;ログイン基盤|saml;keycloak|kcadm;realm;standalone.xml
mail-box|メールボックス|mail boxes|受信トレイ;社内メール|dovecot;imap|doveadm;maildir;quota
content-delivery|コンテンツ配信|content delivery|配信網;エッジ配信|varnish;cdn|varnishstat;purge;vcl
jump-host|ジャンプホスト|jump host|踏み台;管理端末|bastion;ssh gateway|sshd_config;authorized_keys;sudoers
rack-power|ラックマウント|rack power|電源系統;無停電電源|ups;pdu|apcaccess;outlet;snmpget
cooling|エアコン|cooling|空調機;冷却装置|chiller;hvac|bacnet;setpoint;damper
data-lake|データレイク|data lake|分析基盤;集計環境|hadoop;spark|hdfs dfsadmin;yarn;namenode
payment|ペイメント|payment service|決済;カード払い|acquirer;pos|settlement.log;hsm;pin pad
video|ビデオ会議|video meetings|遠隔会議;テレビ会議|jitsi;webrtc|turnserver;jicofo;stun
antivirus|アンチウイルス|antivirus|ウイルス対策;検疫|clamav;endpoint protection|freshclam;clamd.conf;quarantine
key-store|キーストア|secret store|秘密管理;鍵保管|vault;hsm|vault status;unseal;keyring
thin-client|シンクライアント|thin clients|仮想端末;画面転送|vdi;citrix|xenapp;golden image;pcoip
sap|エスエーピー|SAP system|購買管理;在庫管理|netweaver;abap|sapcontrol;st22;sm50
media|ストリーミング|media streaming|動画配信;録画|hls;transcoder|ffmpeg;segment;playlist
`)

func parseSubjects(table string) [2][]subject {
	rows := cells(table)
	all := make([]subject, 0, len(rows))
	for _, r := range rows {
		all = append(all, subject{r[0], r[1], r[2], strings.Split(r[3], ";"), strings.Split(r[4], ";"), strings.Split(r[5], ";")})
	}
	return [2][]subject{all[:len(all)/2], all[len(all)/2:]}
}

// cells cuts a table into lines and their cells.
func cells(table string) [][]string {
	var rows [][]string
	for line := range strings.Lines(strings.TrimSpace(table)) {
		rows = append(rows, strings.Split(strings.TrimSpace(line), "|"))
	}
	return rows
}

// sites tell components of the same subject and trouble apart in a corpus
// that is larger than the words allow.
var sites = strings.Fields("tokyo osaka nagoya sapporo fukuoka sendai hiroshima kyoto london paris berlin oslo dublin madrid austin boston denver seattle")
