const SECRET_WORD =
  /(?:^|_)(?:api_?key|access_?key(?:_id)?|secret_?key|private_?key|signing_?key|encryption_?key|ssh_?key|auth|credentials?|passw(?:or)?d|pword|pwd|passphrase|secret|token)(?:_|$)/i;
/** Of what is public, or where a secret lies, or how it is used. */
const NO_SECRET =
  /(?:^|_)(?:public|pub|gpg|pgp|keyring|fingerprint)(?:_|$)|_(?:file|path|dir|url|uri|type|method|mode|name|id|ttl|expiry|expires?|timeout|length|len|enabled?|disabled?|required|algorithm|provider|plugin|host|port|header|allow|version)$/i;
const ACCESS_KEY_ID = /(?:^|_)access_?key_id$/i;

/** Whether an environment variable with this name holds a secret. */
export function isSecretName(name: string, value: string): boolean {
  if (/^PWD$/i.test(name) || /^(true|false|yes|no|on|off|\d|none)$/i.test(value)) return false;
  if (ACCESS_KEY_ID.test(name)) return true;
  return SECRET_WORD.test(name) && !NO_SECRET.test(name);
}

const KNOWN_TOKENS =
  /^(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|npm_[A-Za-z0-9]{30,64}|glpat-[\w-]{18,255}|(?:AKIA|ASIA)[0-9A-Z]{16}|xox[abpr]-[\w-]{10,255}|sk-[\w-]{20,255}|-----BEGIN )/;

/** Whether a value looks like a token of GitHub, npm, GitLab, AWS, Slack or OpenAI, or a private key. */
export function isSecretValue(value: string): boolean {
  return KNOWN_TOKENS.test(value.slice(value.indexOf('=') + 1)) || KNOWN_TOKENS.test(value);
}

const SECRET_FILE =
  /(?:^|\/)(?:\.env(?:\.[\w-]+)*|\.npmrc|\.yarnrc\.secret|\.netrc|\.pypirc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|\.ssh|\.aws|\.kube|\.docker|[\w.-]+\.key|[\w.-]*(?:private|privkey|-key)[\w.-]*\.pem|[\w.-]+\.(?:p12|pfx)|credentials\.json|service-account\.json)\/?$/i;
const EXAMPLE = /\.(?:example|sample|template|tmpl|dist|defaults?|schema|vault|pub|public)$/i;

/** Whether a file is known to hold secrets, by its name. */
export function isSecretFile(path: string): boolean {
  return SECRET_FILE.test(path) && !EXAMPLE.test(path);
}
