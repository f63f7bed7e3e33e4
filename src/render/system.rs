//! `[system]` to those of the host's services that an image may have: its clock, its log, its login.

use super::engine::Engine;
use super::{RenderError, Rendered};
use crate::config::{Model, Protocol, Syslog};
use crate::types::Server;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Clock<'m> {
    servers: &'m [Server],
}

#[derive(Debug, Serialize)]
struct Log<'m> {
    servers: Vec<Collector<'m>>,
}

#[derive(Debug, Serialize)]
struct Collector<'m> {
    host: &'m Server,
    port: u16,
    protocol: Protocol,
}

/// The servers of systemd-timesyncd and of chrony, of which an image has one; those of rsyslog; what a login shows. Nothing
/// where the document says nothing.
pub(super) fn files(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let system = &model.system;
    let mut files = Vec::new();
    if !system.ntp.is_empty() {
        let clock = || Clock { servers: &system.ntp };
        let timesyncd = engine.render("systemd/timesyncd.conf.j2", clock())?;
        let chrony = engine.render("chrony/imp.sources.j2", clock())?;
        files.push(Rendered::new(
            "run/systemd/timesyncd.conf.d/50-imp.conf",
            timesyncd,
        ));
        files.push(Rendered::new("run/chrony-dhcp/imp.sources", chrony));
    }
    if !system.syslog.is_empty() {
        let servers = system.syslog.iter().map(collector).collect();
        let text = engine.render("rsyslog/imp.conf.j2", Log { servers })?;
        files.push(Rendered::new("run/imp/rsyslog.conf", text));
    }
    if let Some(banner) = &system.banner {
        let text = format!("{}\n", banner.as_ref().trim_end());
        // What agetty(8) takes for the name of a value is written as text.
        files.push(Rendered::new("run/imp/issue", text.replace('\\', "\\\\")));
        files.push(Rendered::new("run/motd.d/50-imp", text));
    }
    Ok(files)
}

fn collector(server: &Syslog) -> Collector<'_> {
    Collector {
        host: &server.host,
        port: server.port,
        protocol: server.protocol,
    }
}
