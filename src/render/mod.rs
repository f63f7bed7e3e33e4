//! Turns the Model and the Bindings into files: pure, through strict templates with one formatter per target grammar.
//!
//! A template sees a *view*: a plain struct of names, numbers and newtypes, one per file. What decides (which prefix
//! needs a blackhole, which address a link has) is in the modules here; the templates only say how it is written.

mod bindings;
mod dataplane;
mod engine;
mod error;
mod etc;
pub mod fallback;
mod firewall;
pub mod frr;
mod grammar;
pub mod incus;
mod memory;
mod monitoring;
mod network;
mod system;
mod user;
mod vpp;

pub use bindings::{Bindings, NicBinding};
pub use dataplane::{Dataplane, Vrf};
pub use engine::{TEMPLATES, Template};
pub use error::RenderError;
pub use memory::{hugepages, modules};
pub use vpp::{APPLIED, BEGIN, VppFiles, bridge_numbers, digest, joints};

use crate::config::{Diagnostic, Model};
use engine::Engine;

/// A rendered file: where it goes below the root, its permission bits, its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The path below the root, without a leading slash: `run/imp/frr/frr.conf`.
    pub path: String,
    /// The permission bits (`0o640`).
    pub mode: u32,
    /// The text.
    pub text: String,
}

impl Rendered {
    fn new(path: impl Into<String>, text: String) -> Self {
        Self {
            path: path.into(),
            mode: 0o644,
            text,
        }
    }

    fn with_mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }
}

/// Every file of a machine, and what an operator should know about them.
#[derive(Debug, Clone)]
pub struct Everything {
    /// The files, in the order of their paths.
    pub files: Vec<Rendered>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
    /// What the bindings leave open: a marked placeholder in the files.
    pub placeholders: Vec<String>,
    /// What loading frr.conf takes.
    pub frr_load: frr::cost::Load,
}

impl Everything {
    /// The files that need no hardware; those of VPP are written where the NICs are known.
    pub fn host_files(self) -> Vec<Rendered> {
        let mut files = self.files;
        files.retain(|file| !file.path.starts_with("run/imp/vpp/"));
        files
    }
}

/// Every file of the machine the bindings describe.
pub fn everything(model: &Model, bindings: &Bindings) -> Result<Everything, RenderError> {
    let engine = Engine::new(&model.templates, "")?;
    let vpp = vpp::files(&Dataplane::of(model), bindings, &engine)?;
    let (mut files, frr_load) = frr::files(model, &bindings.frr, &engine)?;
    files.extend(host(model, &engine)?);
    files.extend(vpp.files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Everything {
        files,
        left_out: vpp.left_out,
        placeholders: vpp.placeholders,
        frr_load,
    })
}

/// The files that need neither hardware nor FRR: Incus, nftables, systemd-networkd, and the host's own.
fn host(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let mut files = Vec::new();
    files.extend(incus::preseed(model, engine)?);
    files.extend(firewall::rules(model, engine)?);
    files.extend(network::files(model, engine)?);
    files.extend(etc::files(model, engine)?);
    files.extend(system::files(model, engine)?);
    files.extend(user::files(model));
    files.extend(monitoring::files(model, engine)?);
    Ok(files)
}

/// The files of every VPP instance alone, rendered again once the NICs are known.
pub fn vpp(dataplane: &Dataplane, bindings: &Bindings) -> Result<VppFiles, RenderError> {
    let engine = Engine::new(&dataplane.templates, "vpp/")?;
    vpp::files(dataplane, bindings, &engine)
}

/// Warnings for the operator; nothing is refused for them: overrides that no template reads.
pub fn warnings(model: &Model) -> Vec<Diagnostic> {
    engine::unknown_overrides(model)
}
