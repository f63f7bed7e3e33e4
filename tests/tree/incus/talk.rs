//! What is at Incus's socket may say anything, and any amount of it.

use super::*;
use imp::host::incus::IncusError;

/// A client of something that answers one request with these parts.
fn answered_by(dir: &Path, parts: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Client {
    let socket = dir.join("unix.socket");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        // Until nobody listens any more.
        for part in parts {
            if stream.write_all(&part).is_err() {
                break;
            }
        }
    });
    Client::new(&socket).unwrap()
}

#[test]
fn an_answer_without_end_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [&b"10000\r\n"[..], &[b' '; 0x10000], b"\r\n"].concat();
    let client = answered_by(dir.path(), std::iter::once(head).chain(std::iter::repeat(chunk)));
    let error = client.get("/1.0").unwrap_err();
    assert!(matches!(error, IncusError::Broken { .. }), "{error}");
}

#[test]
fn its_words_are_one_line_without_control_characters() {
    let dir = tempfile::tempdir().unwrap();
    let said = "no pool\\u001b[2J\\n<0>kernel: fine".to_owned() + &" and so on".repeat(1000);
    let body = format!("{{\"error\":\"{said}\"}}");
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let client = answered_by(dir.path(), std::iter::once(head.into_bytes()));
    let words = client.get("/1.0").unwrap_err().to_string();
    assert!(
        words.starts_with("Incus says: no pool [2J <0>kernel: fine and so on"),
        "{words}"
    );
    assert!(
        !words.contains(char::is_control) && words.chars().count() < 1100 && words.ends_with('…'),
        "{words}"
    );
}
