//! Other systems' configurations, as a document of this router: pure, linear, and nothing lost without a word.
//!
//! A reader for each source fills a draft ([`document`]); `policy` makes lists and route-maps ours without changing what
//! they let through, `name` makes names fit, `write` prints the result. What has no place is kept in [`Left`], with its
//! line and the reason. The result is checked as `impctl check` would.

mod appliance;
pub mod document;
mod draft;
mod filter;
mod frr;
mod junos;
mod left;
mod name;
mod policy;
mod relay;
mod site;
mod sonic;
mod tree;
mod vppcfg;
mod vrf;
mod write;

pub use document::Place;
pub use left::{Left, Why};

use crate::config::{self, File, Parsed};
use draft::Draft;
use site::Site;
use std::collections::BTreeMap;

/// Where a configuration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The files of an appliance that was set up by hand: VPP's commands and startup files, the unit that moves NICs into the
    /// namespace, and `frr.conf`.
    Imp,
    /// `frr.conf`, or `show running-config` of FRR.
    Frr,
    /// A configuration of Junos.
    Junos,
    /// SONiC's `config_db.json`.
    Sonic,
    /// The YAML of vppcfg.
    Vppcfg,
}

/// The words that name the sources.
pub const SOURCES: &[&str] = &["imp", "frr", "junos", "sonic", "vppcfg"];

impl Source {
    /// The source of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "imp" => Some(Self::Imp),
            "frr" => Some(Self::Frr),
            "junos" => Some(Self::Junos),
            "sonic" => Some(Self::Sonic),
            "vppcfg" => Some(Self::Vppcfg),
            _ => None,
        }
    }
}

/// A file that is imported.
#[derive(Debug, Clone)]
pub struct Original {
    /// Its name, without its folder.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Whether a file of this name is part of an appliance that was set up by hand ([`Source::Imp`]).
pub fn is_part_of_an_appliance(name: &str) -> bool {
    appliance::is_part(name)
}

/// Why a file is nothing of this source, where that can be told: an import would find nothing in it.
pub fn refuses(source: Source, original: &Original) -> Option<String> {
    match source {
        Source::Imp | Source::Frr | Source::Junos => None,
        Source::Sonic => sonic::refuses(&original.text),
        Source::Vppcfg => vppcfg::refuses(&original.text),
    }
}

/// A configuration that was imported.
#[derive(Debug)]
pub struct Imported {
    /// The document.
    pub toml: String,
    /// What was not imported, a line each.
    pub left: Vec<String>,
    /// The secrets by the path of their file, relative to the document's folder.
    pub secrets: BTreeMap<String, String>,
    /// What the check says of the document.
    pub checked: Parsed,
}

/// Imports the files of one configuration. Everything is decided by their text: no input is an error.
pub fn import(source: Source, originals: &[Original]) -> Imported {
    let site = Site::new(originals);
    let text = originals.first().map_or("", |file| file.text.as_str());
    let site = match source {
        Source::Imp => appliance::read(site, originals),
        Source::Frr => frr::read(site, 0, text),
        Source::Junos => junos::read(site, 0, text),
        Source::Sonic => sonic::read(site, 0, text),
        Source::Vppcfg => vppcfg::read(site, 0, text),
    };
    imported(site.finish())
}

fn imported(draft: Draft) -> Imported {
    let toml = draft.text();
    let left = draft.left.iter().map(|left| draft.line_of(left)).collect();
    let private = |text: &String| File {
        bytes: text.clone().into_bytes(),
        mode: 0o600,
    };
    let mut files: BTreeMap<String, File> = draft
        .secrets
        .iter()
        .map(|(path, text)| (path.clone(), private(text)))
        .collect();
    files.insert("imp.toml".to_owned(), private(&toml));
    Imported {
        checked: config::parse(&files),
        toml,
        left,
        secrets: draft.secrets,
    }
}
