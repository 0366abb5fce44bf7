//! What such a room shows: to whom, of whom, in words.

use super::*;

impl VideochatRoom {
    /// Whoever asks to speak, as a moderator sees it.
    pub fn asking(&mut self) -> Vec<String> {
        self.all().requests.iter().map(|user| user.to_string()).collect()
    }

    pub fn is_here(&mut self, name: &str) -> bool {
        self.all().identities.iter().any(|seat| *seat.user == *name)
    }

    /// What each was told, put together, is what each is shown; those who speak are those listed.
    pub fn check(&mut self, names: &[&str], at: &str) {
        for notification in self.notices() {
            for name in names.iter().filter(|name| notification.heard_by(&[name]) == **name) {
                let seen = self.folded.entry((*name).to_owned()).or_default();
                match &notification.kind {
                    NotificationKind::IdentityConnected(seat) => {
                        assert!(seen.insert(seat.id, seat.clone()).is_none(), "{at}: {name} twice");
                    }
                    NotificationKind::IdentityUpdated(seat) => {
                        assert!(
                            seen.insert(seat.id, seat.clone()).is_some(),
                            "{at}: {name} unknown"
                        );
                    }
                    NotificationKind::IdentityDisconnected(seat) => {
                        assert!(seen.remove(&seat.id).is_some(), "{at}: {name} did not know");
                    }
                    _ => {}
                }
            }
        }
        for name in names {
            let shown = self.view(name).identities;
            let notification = self.folded.get(*name).cloned().unwrap_or_default();
            let shown: std::collections::BTreeMap<_, _> =
                shown.into_iter().map(|seat| (seat.id, seat)).collect();
            assert_eq!(notification, shown, "{at}: {name}");
        }
        let all = self.all();
        if let Some((limit, true)) = all.settings.auto_limit(&self.options.videochat) {
            let auto = all.identities.iter().filter(|seat| seat.speaks && !seat.ranks.any());
            let notification = auto.filter(|seat| !self.is_reported(&seat.user)).count();
            assert!(notification <= limit as usize, "{at}: more speak than may");
        }
        let mut listed: Vec<_> = self.roster().split_whitespace().map(str::to_owned).collect();
        let mut speaks: Vec<_> = all
            .identities
            .iter()
            .filter(|seat| seat.speaks)
            .map(|seat| self.name(seat.id))
            .collect();
        listed.sort();
        speaks.sort();
        assert_eq!(listed, speaks, "{at}");
    }

    /// Whether a moderator ever gave this one a voice.
    pub(super) fn is_reported(&self, user: &str) -> bool {
        self.voice_reported.iter().any(|one| one == user)
    }

    pub(super) fn id(&self, name: &str) -> MemberId {
        let seat = self.seats.iter().rfind(|(known, _)| known == name);
        seat.map(|(_, id)| *id).expect("they came")
    }

    pub(super) fn name(&self, id: MemberId) -> String {
        let seat = self.seats.iter().find(|(_, known)| *known == id);
        seat.map_or_else(|| "somebody".into(), |(name, _)| name.clone())
    }

    pub(super) fn view(&mut self, name: &str) -> VideochatView {
        match self.ask(name, VideochatCommand::View) {
            Ok(VideochatReply::View(view)) => *view,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn all(&mut self) -> VideochatView {
        let caller = Caller { user: "the application".into(), right: RoomRight::Manage };
        let command = Command::Videochat(caller, VideochatCommand::View);
        match self.handle(Actor::Project, command) {
            Ok(Reply::Videochat(VideochatReply::View(view))) => *view,
            other => panic!("{other:?}"),
        }
    }

    /// Whom somebody sees.
    pub fn seen_by(&mut self, name: &str) -> String {
        let seen = self.view(name).identities;
        seen.iter().map(|seat| self.name(seat.id)).collect::<Vec<_>>().join(" ")
    }

    pub fn speakers(&mut self) -> String {
        let all = self.all().identities;
        let speakers = all.iter().filter(|seat| seat.speaks);
        speakers.map(|seat| self.name(seat.id)).collect::<Vec<_>>().join(" ")
    }

    pub fn presenter(&mut self) -> String {
        let all = self.all().identities;
        let presenter = all.iter().find(|seat| seat.ranks.presenter);
        presenter.map_or_else(String::new, |seat| self.name(seat.id))
    }

    /// Those whom the SDK's door lists.
    pub fn roster(&mut self) -> String {
        match self.handle(Actor::Project, Command::GetMembers) {
            Ok(Reply::Members(members)) => {
                members.iter().map(|m| m.name.to_string()).collect::<Vec<_>>().join(" ")
            }
            other => panic!("{other:?}"),
        }
    }

    /// Whose standing the SDK's clients were told of since asked last.
    pub fn reported_voice(&mut self) -> String {
        std::mem::take(&mut self.room_stream).join(", ")
    }

    pub fn gone(&mut self) -> String {
        std::mem::take(&mut self.gone).join(" ")
    }

    pub fn notices(&mut self) -> Vec<Heard> {
        let managers = self.rights.iter().filter(|(_, right)| **right == RoomRight::Manage);
        let managers: Vec<String> = managers.map(|(name, _)| name.clone()).collect();
        let heard = |notification: Notification| Heard {
            kind: notification.kind,
            notify: notification.notify,
            recipients: notification.recipients,
            managers: managers.clone(),
        };
        std::mem::take(&mut self.notices).into_iter().map(heard).collect()
    }

    /// Who came into whose sight, and who went out of it.
    pub fn connections(&mut self, names: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        for notification in self.notices() {
            let (sign, seat) = match &notification.kind {
                NotificationKind::IdentityConnected(seat) => ('+', seat),
                NotificationKind::IdentityDisconnected(seat) => ('-', seat),
                _ => continue,
            };
            lines.push(format!(
                "{sign} {} for {}",
                self.name(seat.id),
                notification.heard_by(names)
            ));
        }
        lines.sort();
        lines
    }

    pub fn shares_reported(&mut self) -> String {
        let mut lines = Vec::new();
        for notification in self.notices() {
            match notification.kind {
                NotificationKind::ShareStarted(id) => {
                    lines.push(format!("started {}", self.name(id)))
                }
                NotificationKind::ShareStopped(id) => {
                    lines.push(format!("stopped {}", self.name(id)))
                }
                _ => {}
            }
        }
        lines.join(", ")
    }

    pub fn layout_name(&self) -> String {
        self.plan.as_ref().map(|plan| plan.layout.to_string()).unwrap_or_default()
    }

    /// The layout and who sits where in it.
    pub fn layout(&self) -> String {
        let plan = self.plan.as_ref().expect("a canvas");
        let seats: Vec<_> = plan
            .cells
            .iter()
            .filter_map(|cell| Some(format!("{}={}", cell.reservation, self.name(cell.member()?))))
            .collect();
        format!("{}: {}", plan.layout, seats.join(" "))
    }
}
