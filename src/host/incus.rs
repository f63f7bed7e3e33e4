//! HTTP to incusd over its socket (doc/rest-api.md of Incus): one connection per request, a deadline on each.

use crate::types::one_line;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, ETAG, HOST, IF_MATCH};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};

/// Incus starts on the first request, in 1.4 s at most on a loaded machine; creating a pool may take a while.
const DEADLINE: Duration = Duration::from_secs(45);

/// Bytes of an answer at most: a list of ten thousand networks is a tenth of it.
const LONGEST: usize = 16 << 20;

/// Characters of what Incus says that are shown.
const WORDS: usize = 1000;

/// Why a request to Incus failed.
#[derive(Debug, thiserror::Error)]
pub enum IncusError {
    /// Nothing listens at its socket.
    #[error("Incus does not listen at {}", socket.display())]
    Absent {
        /// Where.
        socket: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No complete response came before the deadline.
    #[error("Incus did not answer {what} within {} s", DEADLINE.as_secs())]
    Late {
        /// Method and path.
        what: String,
    },
    /// It changed since it was read (412).
    #[error("it has changed in the meantime: {0}")]
    Stale(String),
    /// Incus refused, in its own words.
    #[error("Incus says: {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its words.
        words: String,
    },
    /// The connection broke, or the response is not one of Incus.
    #[error("talking to Incus: {what}")]
    Broken {
        /// Method and path.
        what: String,
        /// How.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A response of Incus.
#[derive(Debug)]
pub struct Answer {
    /// The version of the object, to be sent with a change.
    pub etag: Option<String>,
    /// The object itself.
    pub metadata: Value,
}

/// The envelope around every response.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    error: String,
    #[serde(default)]
    metadata: Value,
}

/// A client for the Incus behind one socket.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    runtime: Runtime,
}

impl Client {
    /// A client; nothing is connected yet.
    pub fn new(socket: &Path) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            socket: socket.to_owned(),
            runtime,
        })
    }

    /// Reads the object at a path.
    pub fn get(&self, path: &str) -> Result<Answer, IncusError> {
        self.exchange(Method::GET, path, None, &Value::Null)
    }

    /// One request and its response. With an ETag, Incus refuses it when the object has changed since.
    pub fn exchange(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: &Value,
    ) -> Result<Answer, IncusError> {
        let what = format!("{method} {path}");
        let talk = self.converse(method, path, etag, body, &what);
        let late = |_| IncusError::Late { what: what.clone() };
        self.runtime
            .block_on(async { tokio::time::timeout(DEADLINE, talk).await.map_err(late)? })
    }

    async fn converse(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: &Value,
        what: &str,
    ) -> Result<Answer, IncusError> {
        let stream = UnixStream::connect(&self.socket).await;
        let stream = stream.map_err(|source| IncusError::Absent {
            socket: self.socket.clone(),
            source,
        })?;
        let io = TokioIo::new(stream);
        let (mut sender, connection) = http1::handshake(io).await.map_err(broken(what))?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "incus")
            .header(CONTENT_TYPE, "application/json");
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag);
        }
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = request.body(Full::new(Bytes::from(text))).map_err(broken(what))?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(broken(what))?;
        let status = answer.status();
        let etag = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let etag = etag.map(str::to_owned);
        let bytes = Limited::new(answer.into_body(), LONGEST)
            .collect()
            .await
            .map_err(broken(what))?
            .to_bytes();
        driver.abort();
        let envelope: Envelope = serde_json::from_slice(&bytes)
            // It quotes what it did not expect.
            .map_err(|error| one_line(&error.to_string(), WORDS))
            .map_err(broken(what))?;
        match status {
            StatusCode::PRECONDITION_FAILED => Err(IncusError::Stale(one_line(&envelope.error, WORDS))),
            status if !envelope.error.is_empty() || !status.is_success() => Err(IncusError::Refused {
                status: status.as_u16(),
                words: one_line(&envelope.error, WORDS),
            }),
            _ => Ok(Answer {
                etag,
                metadata: envelope.metadata,
            }),
        }
    }
}

fn broken<E: Into<Box<dyn std::error::Error + Send + Sync>>>(what: &str) -> impl Fn(E) -> IncusError {
    move |source| IncusError::Broken {
        what: what.to_owned(),
        source: source.into(),
    }
}
