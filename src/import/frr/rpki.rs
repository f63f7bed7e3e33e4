//! `rpki` of frr.conf.

use super::Frr;
use crate::import::document::{Place, Value};
use crate::import::left::Why;

impl Frr {
    /// A line of the block; FRR 10 says how a cache is reached, and prints all lines with another `rpki` before them.
    pub(super) fn of_rpki(&mut self, line: &str, words: &[&str], place: Place) {
        let words = words.strip_prefix(&["rpki"]).unwrap_or(words);
        match *words {
            ["cache", "ssh", ..] => {
                let why = "a cache is reached over TCP here, without SSH".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["cache", "tcp", host, port, ref rest @ ..] | ["cache", host, port, ref rest @ ..] => {
                self.cache(host, port, rest, line, place);
            }
            [
                key @ ("polling_period" | "retry_interval" | "expire_interval"),
                seconds,
            ] => {
                let key = key.replace('_', "-");
                self.site
                    .draft
                    .set(&["rpki"], &key, format!("{seconds}s").as_str(), place);
            }
            _ => self.not_yet(line, place),
        }
    }

    fn cache(&mut self, host: &str, port: &str, rest: &[&str], line: &str, place: Place) {
        let ["preference", preference] = *rest else {
            return self.not_yet(line, place);
        };
        let path = ["rpki", "caches", host];
        self.site.draft.set(&path, "port", Value::number(port), place);
        self.site
            .draft
            .set(&path, "preference", Value::number(preference), place);
    }
}
