//! Bridge domains of vppcfg.

use super::Vppcfg;
use crate::import::document::Value;
use crate::import::left::Why;
use crate::import::tree::Node;

impl Vppcfg {
    /// A bridge domain is called as this router's interface on it is.
    pub(super) fn bridge(&mut self, name: &str, thing: &Node, tree: &Node) {
        let bvi = thing.get("bvi").and_then(Node::text);
        let own = bvi.and_then(|bvi| tree.get("loopbacks")?.get(bvi));
        let bridge = match bvi.and_then(|bvi| self.bvis.get(bvi)) {
            Some(bridge) => bridge.clone(),
            None => self.site.names.interface(name),
        };
        let path = ["bridges", bridge.as_str()];
        self.site.draft.table(&path, thing.place(self.file));
        for (key, value) in thing.members() {
            match key.as_str() {
                "bvi" if own.is_some() => {}
                // What this router's interface on it says is that of both.
                key @ ("description" | "mtu") => {
                    let text = value.text().unwrap_or_default();
                    match own.and_then(|own| own.get(key)?.text()) {
                        Some(said) if said == text => {}
                        Some(_) => {
                            let why = format!("its bvi has another {key}, and one is of both here");
                            self.leave(name, key, value, Why::Because(why));
                        }
                        None if key == "mtu" => {
                            let place = value.place(self.file);
                            self.site.draft.set(&path, key, Value::number(text), place);
                        }
                        None => {
                            let place = value.place(self.file);
                            self.site.draft.set(&path, key, text, place);
                        }
                    }
                }
                "interfaces" => {
                    for member in value.each() {
                        let text = member.text().unwrap_or_default();
                        match self.names.get(text) {
                            Some(own) => {
                                let place = member.place(self.file);
                                self.site.draft.push(&path, "members", own.as_str(), place);
                            }
                            None => self.leave(name, text, member, Why::NotYet),
                        }
                    }
                }
                _ => self.leave(name, key, value, Why::NotYet),
            }
        }
    }
}

/// Whether a bridge domain has members.
pub(super) fn joins(domain: &Node) -> bool {
    domain
        .get("interfaces")
        .is_some_and(|members| !members.each().is_empty())
}
