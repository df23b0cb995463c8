package gen

import "strings"

// spellings are how Go names spell words that are not merely capitalized, by the word in
// lower case. A new one changes the names in the code of every plugin that uses the word.
var spellings = spellingsOf(initialisms, properNames)

// initialisms are the words that are all upper case. Left out are those that are words as
// well, such as US and IT, or that mean several things, such as PR and SD.
const initialisms = `
ACL AES AI AK AMQP API ARN ASCII ASR AWS CDN CIDR CLI CMS CORS CPU CRM CSRF CSS CSV CVE DB DDL DICOM DNS DOI
E2B E2E EOF ERP FAQ FP FPS FTP GCP GCS GHSA GID GIF GLM GPT GPU GRPC GUID HD HMAC HTML HTTP HTTPS IAM ID IM IMAP IP ISBN
JPEG JPG JSON JWT KMS LDAP LFS LLM MCP MD5 MFA MIME MP3 MP4 NLP NMS NSFW OCI OCID OCR OIDC OS OSM OSS OTP PCM PDF PHP
PNG QA QPS QR RAG RAM RBAC ROI RPC RSA RSS RSVP RTP S3URI SAML SAS SDK SDXL SFTP SHA SIP SK SLA SMS SMTP SQL SQS SRT
SSE SSH SSL SSO STS STT SVG TCP TEI TLD TLS TS TTL TTS TXT UDP UI UID URI URL URN UTC UTF UTM UUID VAE VCS VL VLLM VLM VM
VPC VPN VTT WABA WAV XLS XLSX XML XMPP XSRF XSS YAML
`

// properNames are spelled as their owners do, and words that contain initialisms as if
// they were two.
const properNames = `
AIHubMix APIKey AppID ChatGLM CogVideo CogView CometAPI ComfyUI DeepL DeepSeek DeerAPI DevDocs DingTalk DuckDuckGo
DynamoDB ECharts FunASR GPUStack GraphQL HackerNews HubSpot HuggingFace IPv4 IPv6 JavaScript LaTeX
LinkedIn LocalAI MathML MinerU MiniMax MistralAI ModelScope MongoDB MySQL NocoDB NovitaAI NVIDIA OAuth OneDrive OpenAI
OpenAPI OpenID OpenLLM OpenRouter OpenSearch PaddleOCR PayPal PostgreSQL PubMed QRCode RapidAPI RSSHub SageMaker
SambaNova SearchAPI SearXNG SerpAPI SerperAPI SharePoint SiliconFlow SlideSpeak SQLite StepFun TogetherAI TypeScript
UserID WebDAV WebP WeCom WhatsApp WolframAlpha WooCommerce YouTube ZhipuAI
`

func spellingsOf(lists ...string) map[string]string {
	words := make(map[string]string)
	for _, list := range lists {
		for word := range strings.FieldsSeq(list) {
			words[strings.ToLower(word)] = word
		}
	}
	return words
}

// spelled returns a word as names spell it: by the table, also if it is followed by a
// number (OAuth2) or is the plural of an initialism (URLs), or else capitalized.
func spelled(word string) string {
	lower := strings.ToLower(word)
	if s, ok := spellings[lower]; ok {
		return s
	}
	stem := strings.TrimRight(lower, "0123456789")
	if s, ok := spellings[stem]; ok {
		return s + lower[len(stem):]
	}
	if stem, isPlural := strings.CutSuffix(lower, "s"); isPlural {
		if s := spellings[stem]; s != "" && s == strings.ToUpper(s) {
			return s + "s"
		}
	}
	return capitalized(word)
}
