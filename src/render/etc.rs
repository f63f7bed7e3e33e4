//! The host's own small files: hostname, hosts, resolv.conf.

use super::engine::{Block, Engine};
use super::grammar::Grammar;
use super::{RenderError, Rendered};
use crate::config::Model;
use crate::types::HostName;
use minijinja::Value;
use serde::Serialize;
use std::net::IpAddr;

#[derive(Debug, Serialize)]
struct Hosts<'m> {
    hostname: &'m HostName,
    /// The first label, when the name has more than one.
    short: Option<&'m str>,
    extra: Value,
}

#[derive(Debug, Serialize)]
struct Resolv<'m> {
    nameservers: &'m [IpAddr],
    search: &'m [HostName],
}

/// `/etc/hostname`, `/etc/hosts` and, if there are name servers to write into it, `/etc/resolv.conf`. Without any, whoever
/// learns of them (a DHCP client, systemd-resolved) writes that file.
pub(super) fn files(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let system = &model.system;
    Grammar::Plain
        .lines(&model.identity_hosts)
        .map_err(|(line, words)| RenderError::Extra {
            key: "hosts",
            place: "identity".into(),
            line,
            words: words.into_owned(),
        })?;
    let hosts = Hosts {
        hostname: &system.hostname,
        short: system.hostname.as_ref().split_once('.').map(|(label, _)| label),
        extra: Block::value(with_newline(&model.identity_hosts)),
    };
    let resolv = Resolv {
        nameservers: &system.nameservers,
        search: &system.search,
    };
    let mut files = vec![
        Rendered::new("run/imp/hostname", format!("{}\n", system.hostname)),
        Rendered::new("run/imp/hosts", engine.render("etc/hosts.j2", hosts)?),
    ];
    if !system.nameservers.is_empty() {
        let text = engine.render("etc/resolv.conf.j2", resolv)?;
        files.push(Rendered::new("run/imp/resolv.conf", text));
    }
    Ok(files)
}

/// The lines of a text, each with its end; an empty text has none.
pub(super) fn with_newline(text: &str) -> String {
    text.lines().flat_map(|line| [line, "\n"]).collect()
}
