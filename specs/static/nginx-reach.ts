// For a machine that can't confine nginx: whether `nginx -t` of a configuration would open anything outside a folder, as its
// parsed directives say. Only what is in a list may be there.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type Directive, NginxSyntax, parseNginx } from "../../fixtures/evidence/parse/nginx.ts";

const words = (text: string) => new Set(text.trim().split(/\s+/));

/** Directives that open nothing when a configuration is tested. */
const harmless = words(`
  server location if map types upstream split_clients geo limit_except events http
  server_name return rewrite set break error_page try_files index root alias internal default_type charset etag expires
  add_header add_trailer allow deny satisfy auth_basic auth_request auth_request_set autoindex sub_filter sub_filter_once
  client_max_body_size client_body_buffer_size client_body_timeout client_header_buffer_size client_header_timeout
  client_body_in_file_only keepalive keepalive_timeout keepalive_requests keepalive_time large_client_header_buffers
  send_timeout sendfile tcp_nodelay tcp_nopush underscores_in_headers merge_slashes chunked_transfer_encoding
  max_ranges server_tokens absolute_redirect port_in_redirect server_name_in_redirect lingering_close resolver_timeout
  gzip gzip_comp_level gzip_disable gzip_http_version gzip_min_length gzip_proxied gzip_types gzip_vary gzip_buffers
  gzip_static http2 http2_max_concurrent_streams real_ip_header real_ip_recursive set_real_ip_from stub_status
  proxy_pass proxy_set_header proxy_http_version proxy_buffering proxy_buffers proxy_buffer_size proxy_busy_buffers_size
  proxy_cache_bypass proxy_no_cache proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_redirect
  proxy_request_buffering proxy_hide_header proxy_pass_header proxy_pass_request_body proxy_pass_request_headers
  proxy_intercept_errors proxy_next_upstream proxy_next_upstream_timeout proxy_next_upstream_tries proxy_cookie_path
  proxy_cookie_domain proxy_cookie_flags proxy_ignore_client_abort proxy_ignore_headers proxy_method proxy_set_body
  proxy_max_temp_file_size proxy_socket_keepalive proxy_ssl_verify proxy_ssl_verify_depth proxy_ssl_server_name
  proxy_ssl_name proxy_ssl_protocols proxy_ssl_ciphers proxy_ssl_session_reuse
  ssl ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_session_timeout ssl_session_cache ssl_session_tickets
  ssl_ecdh_curve ssl_verify_client ssl_verify_depth ssl_stapling ssl_stapling_verify ssl_buffer_size ssl_early_data
  least_conn ip_hash hash random zone
  limit_req limit_req_zone limit_conn limit_conn_zone limit_rate limit_rate_after limit_req_status limit_conn_status log_format log_not_found
  js_content js_set js_header_filter js_body_filter js_var`);

/** Directives that open the path in one of their arguments, and in which one. */
const opens: Readonly<Record<string, number>> = {
  ...{ include: 0, access_log: 0, error_log: 0, pid: 0, auth_basic_user_file: 0, js_import: 2 },
  ...{ ssl_certificate: 0, ssl_certificate_key: 0, ssl_trusted_certificate: 0, ssl_client_certificate: 0 },
  ...{ client_body_temp_path: 0, proxy_temp_path: 0, fastcgi_temp_path: 0, uwsgi_temp_path: 0 },
  ...{ scgi_temp_path: 0, proxy_cache_path: 0 },
};

/** Our own words before a site: this machine's modules. */
const ours = new Set(["include /etc/nginx/modules-enabled/*.conf", "error_log stderr", "pid /dev/null"]);

/**
 * What in a configuration, or in the files beside it that it could include, would or could open something outside `dir`;
 * undefined if nothing does.
 */
export function reachesOutside(text: string, dir: string): string | undefined {
  const parsed = parse(text, "the site");
  if (typeof parsed === "string") return parsed;
  for (const one of walk(parsed)) {
    const why = reaches(one, dir);
    if (why !== undefined) return why;
  }
  const home = join(dir, "nginx");
  for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const content = readFileSync(file, "utf8");
    const why = file.endsWith(".js") ? script(content) : inFile(content, dir);
    if (why !== undefined) return `${posix.relative(dir, file)}: ${why}`;
  }
  return undefined;
}

function inFile(text: string, dir: string): string | undefined {
  const parsed = parse(text, "a file");
  // A file that nginx can't parse ends its test where it is included.
  return typeof parsed === "string"
    ? parsed
    : walk(parsed)
        .map((one) => reaches(one, dir))
        .find((why) => why !== undefined);
}

/** njs runs the top level of a script when it loads it; without modules it can open nothing. */
const script = (text: string) =>
  /\b(import|require|process|eval|Function)\b/.test(text) ? "a script with modules" : undefined;

function reaches({ name, args, block }: Directive, dir: string): string | undefined {
  if (ours.has([name, ...args].join(" "))) return undefined;
  // nginx ends at a directive that it does not know, and a lone dash is one.
  if (name === "-" && args.length === 0 && !block) return undefined;
  // Ours is a name of eight digits in the folder.
  if (name === "listen") return /^unix:[0-9a-f]{8}$/.test(args[0] ?? "") ? undefined : `listen ${args[0]}`;
  if (/_hash_(max|bucket)_size$/.test(name))
    return /^\d{1,5}$/.test(args[0] ?? "") ? undefined : `${name} ${args[0]}`;
  const at = opens[name];
  if (at === undefined) return harmless.has(name) || inMap(name, args) ? undefined : `the directive ${name}`;
  const path = args[at] ?? "";
  if ((name === "access_log" || name === "error_log") && ["off", "stderr"].includes(path)) return undefined;
  const inside = posix.normalize(path).startsWith(`${dir}/`) && !path.includes("$");
  return inside ? undefined : `${name} ${path}`;
}

/** A line of `map`, `types` or `geo` looks like a directive: its name is a value. */
const inMap = (name: string, args: readonly string[]) =>
  args.length > 0 && /^[^a-z]|[/.~*]|^(default|hostnames|volatile)$/.test(name);

const walk = (all: readonly Directive[]): Directive[] =>
  all.flatMap((one) => [one, ...(one.block ? walk(one.block) : [])]);

function parse(text: string, what: string): Directive[] | string {
  try {
    return parseNginx(text, what, { loneDash: true });
  } catch (error) {
    if (error instanceof NginxSyntax) return `what can't be parsed: ${error.message}`;
    throw error;
  }
}
