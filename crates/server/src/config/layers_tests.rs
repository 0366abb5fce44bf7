use super::*;

fn env(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut layers = Layers::new(false);
    let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    layers.environment(pairs)?;
    layers.config()
}

#[test]
fn the_defaults_are_a_configuration() {
    let config = env(&[]).unwrap();
    assert_eq!(config.listen.port(), 7880);
    assert_eq!((config.udp_port, config.tcp_port), (7882, 7881));
    assert!(config.h264 && config.uplink_shaping && !config.allow_private);
    assert_eq!(config.push_give_up_after, Duration::from_secs(3 * 24 * 3600));
}

#[test]
fn an_unknown_key_stops_the_start_and_names_the_nearest() {
    let error = env(&[("ROTUNDA_MEDIA__UDP_PRT", "1")]).unwrap_err().to_string();
    assert!(error.contains("media.udp_prt") && error.contains("`media.udp_port`"), "{error}");
}

#[test]
fn environment_wins_over_the_file_and_flags_over_both() {
    let folder = std::env::temp_dir().join(format!("rotunda-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("rotunda.toml");
    std::fs::write(&file, "[media]\nudp_port = 1\ntcp_port = 2\n[canvas]\nfps_720p = 25\n")
        .unwrap();
    let mut layers = Layers::new(false);
    layers.file(&file).unwrap();
    layers.environment([("ROTUNDA_MEDIA__UDP_PORT".into(), "3".into())].into_iter()).unwrap();
    layers.flag("media.tcp_port", Some(Value::Integer(4)));
    let config = layers.config().unwrap();
    assert_eq!((config.udp_port, config.tcp_port, config.fps_720p), (3, 4, 25));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn wrong_values_say_what_they_should_be() {
    for (key, value, part) in [
        ("ROTUNDA_SESSION__GRACE_SECONDS", "10", "from 27 to 3600"),
        ("ROTUNDA_SERVER__LISTEN", "nowhere", "ADDRESS:PORT"),
        ("ROTUNDA_LOG__LEVEL", "verbose", "error, warn, info, debug, trace"),
        ("ROTUNDA_MEDIA__LISTEN", "127.0.0.1:1", "without a port"),
        ("ROTUNDA_CANVAS__CROP", "maybe", "true or false"),
        ("ROTUNDA_MEDIA__CODECS", "h264", "vp8 must be among them"),
        ("ROTUNDA_MEDIA__CODECS", "vp8,av1", "`av1`"),
        ("ROTUNDA_MEDIA__PUBLIC_IPS", "1.2.3", "no IP address"),
        ("ROTUNDA_SERVER__TRUSTED_PROXIES", "10.0.0.0/33", "neither an address nor a network"),
        ("ROTUNDA_SERVER__PUBLIC_URL", "https://x", "wss://"),
        ("ROTUNDA_TLS__CERT_FILE", "a.pem", "tls.key_file"),
        ("ROTUNDA_LOG__FORMAT", "xml", "auto, text or json"),
        ("ROTUNDA_VIDEOCHAT__AUTO_DEMOTE_READING", "none", "collapse, trim or rolling"),
        ("ROTUNDA_LIVECHAT__PUSH_GIVE_UP_SECONDS", "0", "from 1 to 31536000"),
        ("ROTUNDA_VIDEOCHAT__LIVE_STREAM_URL", "http://x/live", "rtmp:// or rtmps://"),
        ("ROTUNDA_VIDEOCHAT__LIVE_PLAYBACK_URL", "rtmp://x/live", "https://"),
        ("ROTUNDA_LIVEKIT__URL", "wss://x", "livekit.api_key"),
        ("ROTUNDA_WEBHOOKS__URL", "ftp://x", "http:// or https://"),
        ("ROTUNDA_WEBHOOKS__URL", "https://x", "24 to 64 bytes in Base64"),
        ("ROTUNDA_WEBHOOKS__KEEP_DAYS", "1", "from 2 to 365"),
    ] {
        let error = env(&[(key, value)]).unwrap_err().to_string();
        assert!(error.contains(part), "{key}={value}: {error}");
    }
}

#[test]
fn no_secret_is_printed_whichever_setting_holds_it() {
    for setting in SETTINGS.iter().filter(|setting| setting.kind.is_secret()) {
        let mut layers = Layers::new(false);
        let name = format!("ROTUNDA_{}", setting.key.to_uppercase().replace('.', "__"));
        layers.environment([(name, "turn:x user s3cret".to_owned())].into_iter()).unwrap();
        let text = print(&layers);
        assert!(!text.contains("s3cret"), "{}: {text}", setting.key);
        assert_eq!(text.matches("set and not shown").count(), 1, "{}", setting.key);
    }
}

#[test]
fn what_is_called_a_secret_is_of_a_secret_kind() {
    for setting in SETTINGS {
        let is_called = ["secret", "certificate", "password", "ice_servers", "live_stream_url"]
            .iter()
            .any(|word| setting.key.ends_with(word));
        assert_eq!(setting.kind.is_secret(), is_called, "{}", setting.key);
    }
}

#[test]
fn a_password_within_an_address_is_not_printed() {
    let mut layers = Layers::new(false);
    let set = ("ROTUNDA_RECORDINGS__BUCKET_ENDPOINT", "https://ann:s3cret@store.example/");
    layers.environment([(set.0.to_owned(), set.1.to_owned())].into_iter()).unwrap();
    let text = print(&layers);
    assert!(!text.contains("s3cret") && text.contains("store.example"), "{text}");
}

#[test]
fn a_file_that_is_no_toml_names_the_line_and_does_not_show_it() {
    let file = std::env::temp_dir().join(format!("rotunda-broken-{}.toml", std::process::id()));
    std::fs::write(&file, "[media]\nudp_port = 1\nturn_secret = \"s3cret\n").unwrap();
    let error = Layers::new(false).file(&file).unwrap_err().to_string();
    std::fs::remove_file(&file).unwrap();
    assert!(error.contains("line 3") && !error.contains("s3cret"), "{error}");
}

#[test]
fn turn_servers_without_a_password_need_the_shared_secret() {
    let turn = ("ROTUNDA_MEDIA__ICE_SERVERS", "turn:turn.example.net");
    let error = env(&[turn]).unwrap_err().to_string();
    assert!(error.contains("media.turn_secret"), "{error}");
    assert!(env(&[turn, ("ROTUNDA_MEDIA__TURN_SECRET", "north")]).is_ok());
}

#[test]
fn what_is_wrong_with_a_turn_server_is_said_without_its_secrets() {
    let servers = "ROTUNDA_MEDIA__ICE_SERVERS";
    let secret = ("ROTUNDA_MEDIA__TURN_SECRET", "s3cret");
    for (set, part) in [
        ((servers, "turn:x ann s3cret"), "leave out these two, or the secret"),
        ((servers, "stun:x"), "leave out these two, or the secret"),
        ((servers, "turn:x s3cret"), "USER and PASSWORD, or by neither"),
        ((servers, "stun:x ann s3cret"), "`stun:` by neither"),
        ((servers, "turn://ann:s3cret@x"), "no //"),
        ((servers, "stun:x?transport=udp"), "a stun: one with neither"),
        (("ROTUNDA_MEDIA__TURN_CREDENTIAL_SECONDS", "0"), "from 600 to 604800"),
        (("ROTUNDA_MEDIA__TURN_CREDENTIAL_SECONDS", "604801"), "from 600 to 604800"),
    ] {
        let error = env(&[set, secret]).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("s3cret"), "{}: {error}", set.1);
    }
}

#[test]
fn what_is_printed_can_be_read_again() {
    let text = print(&Layers::new(false));
    let table: toml::Table = text.parse().unwrap();
    let keys: usize = table.values().map(|s| s.as_table().map_or(0, toml::Table::len)).sum();
    assert_eq!(keys, SETTINGS.len());
}
