//! `[firewall]` to nftables: inbound rules of the host namespace.

use super::engine::Engine;
use super::error::harmless;
use super::{RenderError, Rendered};
use crate::config::{Allow, ManagementAddressing, Model, Protocol};
use crate::types::{IfName, Prefix};
use serde::Serialize;

#[derive(Debug, Serialize)]
struct View<'m> {
    /// Whether management gets its address by DHCP.
    dhcp: bool,
    bridges: Vec<&'m IfName>,
    allow: Vec<AllowView>,
}

#[derive(Debug, Serialize)]
struct AllowView {
    place: String,
    protocol: Protocol,
    port: u16,
    /// No restriction: both lists are empty.
    anywhere: bool,
    from4: Vec<Prefix>,
    from6: Vec<Prefix>,
}

/// The rules; without `[firewall]` there are none, and no file.
pub(super) fn rules(model: &Model, engine: &Engine<'_>) -> Result<Option<Rendered>, RenderError> {
    let Some(firewall) = &model.firewall else {
        return Ok(None);
    };
    let management = model.management.as_ref().map(|m| &m.addressing);
    let written = firewall.allow.iter().map(|allow| allowed(model, allow));
    let identity = model.identity_ports.iter().map(identity_port);
    let view = View {
        dhcp: matches!(management, None | Some(ManagementAddressing::Dhcp)),
        bridges: model.incus.bridges.keys().collect(),
        allow: written.chain(identity).collect(),
    };
    let text = engine.render("nftables.conf.j2", view)?;
    Ok(Some(Rendered::new("run/imp/nftables.conf", text)))
}

fn allowed(model: &Model, allow: &Allow) -> AllowView {
    let (from4, from6) = allow.from.iter().partition(|prefix| prefix.v4().is_some());
    AllowView {
        place: harmless(&model.place(allow.at)),
        protocol: allow.service.protocol,
        port: allow.service.port,
        anywhere: allow.from.is_empty(),
        from4,
        from6,
    }
}

fn identity_port((protocol, port): &(Protocol, u16)) -> AllowView {
    AllowView {
        place: "identity".into(),
        protocol: *protocol,
        port: *port,
        anywhere: true,
        from4: Vec::new(),
        from6: Vec::new(),
    }
}
