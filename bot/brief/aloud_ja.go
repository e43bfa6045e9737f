package brief

import (
	"slices"
	"strings"
)

// readings are English words of alerts and hosts as Japanese say them. The
// programs that speak Japanese spell a word that is in no dictionary of
// theirs letter by letter, and "R, E, F, U, S, E, D" is understood by nobody.
var readings = readingsOf(`
	access アクセス  agent エージェント  alert アラート  apache アパッチ  app アプリ  auth オース
	backup バックアップ  batch バッチ  build ビルド  cache キャッシュ  cert 証明書  certificate 証明書  check チェック
	client クライアント  cluster クラスター  connection 接続  container コンテナ  core コア  critical クリティカル
	data データ  database データベース  dead 停止  degraded 低下  denied 拒否  dev 開発  disk ディスク  docker ドッカー  down ダウン
	edge エッジ  error エラー  errors エラー  expired 期限切れ  expires 期限切れ  fail 失敗  failed 失敗  failure 障害  file ファイル
	filesystem ファイルシステム  firewall ファイアウォール  full 満杯  gateway ゲートウェイ  git ギット  group グループ
	health ヘルス  high 高い  host ホスト   index インデックス  inode アイノード  instance インスタンス  interface インターフェース
	job ジョブ  kafka カフカ  kernel カーネル  latency 遅延  link リンク  linux リナックス  load 負荷  log ログ  login ログイン  low 低い
	mail メール  main メイン  master マスター  memory メモリー  message メッセージ  monitor モニター  mount マウント  network ネットワーク  nginx エンジンエックス
	node ノード  offline オフライン  online オンライン  packet パケット  ping ピング  pod ポッド  pool プール  port ポート  postgres ポストグレス
	primary プライマリー  process プロセス  prod 本番  production 本番  proxy プロキシ  queue キュー  rack ラック  read リード  redis レディス
	redmine レッドマイン  refused 拒否  replica レプリカ  replication レプリケーション  response 応答  router ルーター
	search 検索  secondary セカンダリー  server サーバー  service サービス  site サイト  slow 遅い  space 容量  stage ステージング  staging ステージング
	standby スタンバイ  status ステータス  storage ストレージ  swap スワップ  switch スイッチ  system システム  test テスト  timeout タイムアウト
	traffic トラフィック  unreachable 到達不能  update アップデート  usage 使用率  user ユーザー  volume ボリューム  warning 警告  web ウェブ  worker ワーカー  write ライト
	mysql マイエスキューエル  sql エスキューエル
`)

func readingsOf(table string) map[string]string {
	words := strings.Fields(table)
	out := map[string]string{}
	for pair := range slices.Chunk(words, 2) {
		out[pair[0]] = pair[1]
	}
	return out
}

// reading gives the words as they are said in a language, and what it does
// not know as it is.
func reading(s, lang string) string {
	if lang != "ja" {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		if known, ok := readings[strings.ToLower(w)]; ok {
			words[i] = known
		}
	}
	return strings.Join(words, " ")
}
