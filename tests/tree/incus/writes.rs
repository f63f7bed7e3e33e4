//! What is written to an Incus that changes meanwhile.

use super::*;

/// An Incus whose profile changes between the read and the write: the write carries the ETag and is refused.
#[test]
fn a_stale_etag_changes_nothing_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("unix.socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let served = std::thread::spawn(move || {
        let answers = [
            ("200 OK", "{\"metadata\":{\"description\":\"\",\"devices\":null}}"),
            ("412 Precondition Failed", "{\"error\":\"ETag doesn't match\"}"),
        ];
        answers.map(|(status, body)| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).unwrap();
            let head = format!(
                "HTTP/1.1 {status}\r\nETag: \"abc\"\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            String::from_utf8_lossy(&buffer[..length]).to_lowercase()
        })
    });
    let change = Change::UpdateProfile {
        seen: Profile::default(),
        body: serde_json::json!({"devices": {}}),
    };
    let client = Client::new(&socket).unwrap();
    let error = carry_out(&client, &Root::new("/"), &change).unwrap_err();
    assert!(error.is_stale(), "{error}");
    let [read, write] = served.join().unwrap();
    assert!(read.starts_with("get /1.0/profiles/default"), "{read}");
    assert!(
        write.starts_with("patch ") && write.contains("if-match: \"abc\""),
        "{write}"
    );
}

/// What was half made and is no longer is read anew; its bridge, its dnsmasq and its mount are not touched before.
#[test]
fn nothing_is_cleared_that_is_not_as_it_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("unix.socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let served = std::thread::spawn(move || {
        let objects = [
            "{\"name\":\"br0\",\"type\":\"bridge\",\"managed\":true,\"status\":\"Created\"}",
            "{\"name\":\"default\",\"driver\":\"dir\",\"status\":\"Created\"}",
        ];
        for object in objects {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let body = format!("{{\"metadata\":{object}}}");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(head.as_bytes()).unwrap();
        }
    });
    let mut dnsmasq = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let root = Root::new(dir.path());
    let source = root.join("pool/empty");
    std::fs::create_dir_all(&source).unwrap();
    let pending = "Pending".to_owned();
    let network = Change::ClearNetwork {
        seen: Network {
            name: "br0".to_owned(),
            status: pending.clone(),
            ..Network::default()
        },
        dnsmasq: vec![i32::try_from(dnsmasq.id()).unwrap()],
    };
    let pool = Change::DeletePool {
        seen: Pool {
            name: "default".to_owned(),
            driver: "dir".to_owned(),
            status: pending,
            config: [("source".to_owned(), "/pool".to_owned())].into(),
            ..Pool::default()
        },
    };
    let client = Client::new(&socket).unwrap();
    for change in [network, pool] {
        let error = carry_out(&client, &root, &change).unwrap_err();
        assert!(error.is_stale(), "{error}");
    }
    served.join().unwrap();
    assert!(dnsmasq.try_wait().unwrap().is_none() && source.is_dir());
    dnsmasq.kill().unwrap();
    dnsmasq.wait().unwrap();
}
