//! What the `then community` statements of a term do together. Junos does one after the other; an entry here deletes
//! first, and then sets or adds.

use super::lists::{self, Member, Members, TABLES};
use super::map::Lists;
use super::term::{How, Tagging};
use crate::import::document::Value;
use crate::import::left::Why;
use crate::import::policy::Entry;

/// What has become of the communities of each kind.
#[derive(Debug, Default)]
struct Effect {
    /// Whether those that came with the route are gone.
    replaces: [bool; 2],
    /// The names whose members are deleted, in order.
    deleted: Vec<String>,
    /// What the route has beside those that it came with.
    added: [Vec<String>; 2],
}

impl Lists<'_, '_> {
    /// Sets, adds and deletes the communities that names stand for.
    pub fn tag(&mut self, entry: &mut Entry, tags: &[Tagging]) {
        let mut effect = Effect::default();
        for tag in tags {
            self.junos.policies.mark("community", &tag.name);
            let Some(members) = self.statements.communities.get(&tag.name) else {
                self.leave_tag(tag, "no such community is defined".to_owned());
                continue;
            };
            match tag.how {
                How::Delete => {
                    if let Err(lost) = self.delete(&tag.name, &mut effect) {
                        entry.lost.push((lost, tag.place));
                    }
                }
                How::Set | How::Add => {
                    let mut own: [Vec<String>; 2] = Default::default();
                    for (text, _) in members {
                        match lists::member(text) {
                            Some((kind, Member::One(text))) => own[kind].push(text),
                            _ => self.leave_tag(tag, format!("no route can be given {text} here")),
                        }
                    }
                    effect.add(own, tag.how == How::Set);
                }
            }
        }
        self.delete_lists(&effect, entry);
        effect.set(entry);
    }

    fn leave_tag(&mut self, tag: &Tagging, why: String) {
        let how = match tag.how {
            How::Add => "add",
            How::Set => "set",
            How::Delete => "delete",
        };
        let statement = format!("then community {how} {}", tag.name);
        let draft = &mut self.junos.site.draft;
        draft.leave(tag.place, &statement, Why::Because(why));
    }

    /// Takes the members of a name away: those that were added before as well.
    fn delete(&self, name: &str, effect: &mut Effect) -> Result<(), String> {
        let lost = |why: &str| Err(format!("then community delete {name}, {why}"));
        if self.statements.inverted.contains(name) {
            return lost("which has invert-match");
        }
        for (text, _) in self.statements.communities.get(name).into_iter().flatten() {
            let Some((kind, member)) = lists::member(text) else {
                return lost(&format!("whose member {text} no list has here"));
            };
            effect.added[kind].retain(|added| !member.matches(added));
        }
        if !effect.deleted.iter().any(|other| other == name) {
            effect.deleted.push(name.to_owned());
        }
        Ok(())
    }

    /// Names the list of what is deleted of each kind. An entry that matches several at once is in no such list.
    fn delete_lists(&mut self, effect: &Effect, entry: &mut Entry) {
        let mut deleted: [Members; 2] = Default::default();
        let mut has_several = [false; 2];
        for name in &effect.deleted {
            let mut counts = [0; 2];
            for (text, place) in self.statements.communities.get(name).into_iter().flatten() {
                let Some((kind, member)) = lists::member(text) else {
                    continue;
                };
                counts[kind] += 1;
                deleted[kind].extend(member.listed().into_iter().map(|member| (member, *place)));
            }
            for (several, count) in has_several.iter_mut().zip(counts) {
                *several |= count > 1;
            }
        }
        let name = effect.deleted.join(" ");
        let keys = ["delete-community", "delete-large-community"];
        for (kind, members) in deleted.iter().enumerate() {
            if members.is_empty() || effect.replaces[kind] {
                continue;
            }
            let name = match has_several[kind] {
                true => format!("{name} delete"),
                false => name.clone(),
            };
            let list = self.list(TABLES[kind], &name, members);
            entry.set(keys[kind], list.as_str().into());
        }
    }
}

impl Effect {
    fn add(&mut self, own: [Vec<String>; 2], replaces: bool) {
        for (kind, own) in own.into_iter().enumerate() {
            if replaces && !own.is_empty() {
                self.replaces[kind] = true;
                self.added[kind].clear();
            }
            for community in own {
                if !self.added[kind].contains(&community) {
                    self.added[kind].push(community);
                }
            }
        }
    }

    /// Sets what is left; `additive` is for both kinds.
    fn set(self, entry: &mut Entry) {
        let mut adds = [false; 2];
        for (kind, (key, added)) in ["community", "large-community"]
            .into_iter()
            .zip(self.added)
            .enumerate()
        {
            adds[kind] = !added.is_empty() && !self.replaces[kind];
            match (added.is_empty(), self.replaces[kind]) {
                (true, true) => entry.set(key, "none".into()),
                (true, false) => {}
                (false, _) => entry.set(key, Value::List(added.into_iter().map(Value::text).collect())),
            }
        }
        if adds.contains(&true) {
            entry.set("additive", true.into());
            if self.replaces.contains(&true) {
                let lost = "then community set, and add of the other kind".to_owned();
                entry.lost.push((lost, entry.place));
            }
        }
    }
}
