//! Prefix-lists, and lists of AS paths and communities, by member.

use super::side::Side;
use foldhash::HashSet;

/// What a change of lists takes.
#[derive(Debug, Default)]
pub(super) struct Lists<'l> {
    /// The lists that change, like `ip prefix-list A`.
    pub(super) changed: HashSet<&'l str>,
    /// Members that come, and those that stand in their way.
    pub(super) first: Vec<String>,
    /// Members that go from prefix-lists that stay. They belong in the same commit as the first.
    pub(super) members_gone: Vec<String>,
    /// Whole lists, and members of lists of AS paths and communities.
    pub(super) last: Vec<String>,
    /// Some list is of another kind.
    pub(super) is_beyond: bool,
}

/// A member of a list: `ip prefix-list A`, `5`, `permit 10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Member<'l> {
    line: &'l str,
    list: &'l str,
    number: &'l str,
    value: &'l str,
}

impl<'l> Member<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        const KINDS: [&str; 7] = [
            "ip prefix-list ",
            "ipv6 prefix-list ",
            "bgp as-path access-list ",
            "bgp community-list standard ",
            "bgp community-list expanded ",
            "bgp large-community-list standard ",
            "bgp large-community-list expanded ",
        ];
        let rest = KINDS.iter().find_map(|kind| line.strip_prefix(kind))?;
        let (name, _) = rest.split_once(' ')?;
        let list = &line[..line.len() - rest.len() + name.len()];
        let (number, value) = line.strip_prefix(list)?.strip_prefix(" seq ")?.split_once(' ')?;
        Some(Self {
            line,
            list,
            number,
            value,
        })
    }

    fn prefix(&self) -> &'l str {
        self.value.split(' ').nth(1).unwrap_or_default()
    }

    fn is_of_bgp(&self) -> bool {
        self.list.starts_with("bgp ")
    }

    /// The list of the same name that it excludes: FRR has a name either for communities or for expressions.
    fn other_kind(&self) -> Option<String> {
        let (standard, expanded) = ("-list standard ", "-list expanded ");
        match self.list.contains(standard) {
            true => Some(self.list.replacen(standard, expanded, 1)),
            false => self
                .list
                .contains(expanded)
                .then(|| self.list.replacen(expanded, standard, 1)),
        }
    }
}

/// Whether a line is one of any list.
pub(super) fn is_entry(line: &str) -> bool {
    super::super::line::is_list_entry(line)
}

/// `unchanged` are the lists of members that both have, and neither side shows.
pub(super) fn change<'l>(before: &Side<'l>, after: &Side<'l>, unchanged: &HashSet<&'l str>) -> Lists<'l> {
    let mut lists = Lists::default();
    let old = lines(before);
    let new = lines(after);
    let gone: Vec<&str> = before
        .top()
        .iter()
        .copied()
        .filter(|it| is_entry(it) && !new.contains(it))
        .collect();
    let come: Vec<&str> = after
        .top()
        .iter()
        .copied()
        .filter(|it| is_entry(it) && !old.contains(it))
        .collect();
    let parse = |lines: &[&'l str]| {
        lines
            .iter()
            .map(|it| Member::parse(it))
            .collect::<Option<Vec<_>>>()
    };
    let (Some(gone), Some(come)) = (parse(&gone), parse(&come)) else {
        lists.is_beyond = true;
        return lists;
    };
    let of_new = new.iter().filter_map(|line| Some(Member::parse(line)?.list));
    let stay: HashSet<&str> = of_new.chain(unchanged.iter().copied()).collect();
    lists.changed = gone.iter().chain(&come).map(|it| it.list).collect();
    lists.sort(&gone, &come, &stay);
    lists
}

fn lines<'l>(side: &Side<'l>) -> HashSet<&'l str> {
    side.top().iter().copied().filter(|it| is_entry(it)).collect()
}

impl Lists<'_> {
    fn sort(&mut self, gone: &[Member<'_>], come: &[Member<'_>], stay: &HashSet<&str>) {
        let numbers: HashSet<(&str, &str)> = come.iter().map(|it| (it.list, it.number)).collect();
        let prefix_lists = come.iter().filter(|it| !it.is_of_bgp());
        let prefixes: HashSet<(&str, &str)> = prefix_lists.map(|it| (it.list, it.prefix())).collect();
        let of_lists = come.iter().filter(|it| it.is_of_bgp());
        let values: HashSet<(&str, &str)> = of_lists.map(|it| (it.list, it.value)).collect();
        let others: HashSet<String> = come.iter().filter_map(Member::other_kind).collect();
        let mut foremost = Vec::new();
        let mut whole = HashSet::default();
        let mut of_prefixes = Vec::new();
        let mut of_bgp = Vec::new();
        for member in gone {
            let is_replaced = numbers.contains(&(member.list, member.number));
            // FRR 8 ignores a member that the list has under another number already; and when another range of the same
            // prefix goes in a commit of its own, it lets nothing below that prefix through any more.
            let is_in_the_way = prefixes.contains(&(member.list, member.prefix()));
            if !stay.contains(member.list) {
                if whole.insert(member.list) {
                    let line = format!("no {}", member.list);
                    match member.is_of_bgp() {
                        true if others.contains(member.list) => foremost.push(line),
                        true => of_bgp.push(line),
                        false => of_prefixes.push(line),
                    }
                }
            } else if values.contains(&(member.list, member.value)) {
                // FRR ignores it as long as the list has the same under another number.
                foremost.push(format!("no {}", member.line));
            } else if is_in_the_way {
                self.first.push(format!("no {}", member.line));
            } else if !is_replaced && member.is_of_bgp() {
                of_bgp.push(format!("no {}", member.line));
            } else if !is_replaced {
                self.members_gone.push(format!("no {}", member.line));
            }
        }
        // What is not collected comes before what is, so that nothing divides that.
        let (ours, prefixes): (Vec<_>, Vec<_>) = come.iter().partition(|it| it.is_of_bgp());
        let line = |it: &Member<'_>| it.line.to_owned();
        let in_the_way = std::mem::replace(&mut self.first, foremost);
        self.first.extend(ours.into_iter().map(line));
        self.first.extend(in_the_way);
        self.first.extend(prefixes.into_iter().map(line));
        self.last = [of_prefixes, of_bgp].concat();
    }
}
