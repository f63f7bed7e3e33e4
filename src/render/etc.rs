//! The host's own small files: hostname, hosts, resolv.conf.

use super::engine::{Block, Engine};
use super::grammar::Grammar;
use super::{RenderError, Rendered};
use crate::config::{ManagementAddressing, Model};
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

/// `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf`. Where management is configured by DHCP and the documents name no
/// servers, the DHCP client writes the latter.
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
    if !(system.nameservers.is_empty() && by_dhcp(model)) {
        let text = engine.render("etc/resolv.conf.j2", resolv)?;
        files.push(Rendered::new("run/imp/resolv.conf", text));
    }
    Ok(files)
}

fn by_dhcp(model: &Model) -> bool {
    let management = model.management.as_ref();
    management.is_some_and(|management| matches!(management.addressing, ManagementAddressing::Dhcp))
}

/// The lines of a text, each with its end; an empty text has none.
pub(super) fn with_newline(text: &str) -> String {
    text.lines().flat_map(|line| [line, "\n"]).collect()
}
