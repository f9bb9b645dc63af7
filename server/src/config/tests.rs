#![expect(clippy::unwrap_used, reason = "a test")]
use super::*;

fn home(name: &str) -> Option<String> {
    (name == "HOME").then(|| "/home/a b?".to_owned())
}

fn refused(settings: &Settings) -> String {
    Config::read(settings, &home).unwrap_err().0
}

#[test]
fn nothing_given_is_a_console_for_this_machine_alone() {
    let config = Config::read(&Settings::default(), &home).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, PathBuf::from("/home/a b?/.local/share/holdfast"));
    assert_eq!(config.database_url, "sqlite:///home/a b%3F/.local/share/holdfast/holdfast.db?mode=rwc");
    assert!(!config.https());
}

#[test]
fn each_wrong_setting_is_named_in_one_sentence() {
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (Settings { listen: some("nonsense"), ..Settings::default() }, "--listen"),
        (Settings { database_url: some("mysql://u:hunter2@h/d"), ..Settings::default() }, "--database-url"),
        (Settings { public_url: some("backups.example.com"), ..Settings::default() }, "--public-url"),
        (Settings { public_url: some("https://example.com/backups"), ..Settings::default() }, "--public-url"),
        (Settings { public_url: some("ftp://example.com"), ..Settings::default() }, "--public-url"),
        (Settings { tls_cert: Some("a.pem".into()), ..Settings::default() }, "--tls-key"),
        (Settings { tls_key: Some("a.pem".into()), ..Settings::default() }, "--tls-cert"),
        (Settings { log_format: some("xml"), ..Settings::default() }, "--log-format"),
        (Settings { trusted_proxies: some("10.0.0.0/33"), ..Settings::default() }, "--trusted-proxies"),
    ];
    for (settings, name) in cases {
        let sentence = refused(&settings);
        assert!(sentence.starts_with(name), "{sentence}");
        assert!(!sentence.contains('\n') && sentence.ends_with('.'), "{sentence}");
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
}

#[test]
fn an_empty_variable_means_the_default() {
    let empty = Settings {
        listen: Some(String::new()),
        public_url: Some(" ".into()),
        tls_cert: Some(PathBuf::new()),
        ..Settings::default()
    };
    let config = Config::read(&empty, &home).unwrap();
    assert_eq!(config.listen.port(), 8080);
    assert_eq!(config.public_url, None);
    assert_eq!(config.tls, None);
}

#[test]
fn networks_contain_their_own() {
    let net = |text: &str| Network::parse(text).unwrap();
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    assert!(net("10.0.0.0/8").contains(ip("10.255.1.1")));
    assert!(!net("10.0.0.0/8").contains(ip("11.0.0.1")));
    assert!(net("0.0.0.0/0").contains(ip("11.0.0.1")));
    assert!(net("127.0.0.1").contains(ip("::ffff:127.0.0.1")));
    assert!(net("fd00::/8").contains(ip("fd12::1")));
    assert!(net("::/0").contains(ip("2001:db8::1")));
    assert!(!net("fd00::/8").contains(ip("fe80::1")));
}
