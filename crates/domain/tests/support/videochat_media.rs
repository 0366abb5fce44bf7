//! Films, streams and shares in such a room.

use super::*;

impl VideochatRoom {
    /// Watches by a player that has a leg and nothing else; answers whether it may.
    pub fn play(&mut self, name: &str) -> Result<(), Refusal> {
        let id = member(self.seats.len() + 1);
        self.seats.push((name.into(), id));
        self.legs += 1;
        let admission = Admission {
            member: id,
            leg: LegKey(self.legs),
            call_id: LegId("player".into()),
            grant: Grant { join_as: JoinAs::Audience, ..grant(name) },
            wants_roster: false,
            can_return: false,
        };
        self.handle(Actor::Project, Command::Admit(Box::new(admission)))?;
        self.session.handle_outcome(now(self.ms), Outcome::Connected(LegKey(self.legs)));
        self.drain();
        Ok(())
    }

    /// Sends the session to a server.
    pub fn stream(&mut self) -> Result<(), Refusal> {
        self.legs += 1;
        let stream = StreamId(uuid::Uuid::from_u128(self.legs.into()));
        let target = StreamTarget::parse("rtmp://a.test/live/key");
        self.handle(Actor::Project, Command::StartStream { stream, target }).map(drop)
    }

    /// Plays a film, under a number.
    pub fn film(&mut self, n: u128) {
        let play = Play {
            playback: PlaybackId(uuid::Uuid::from_u128(n)),
            url: "https://a.test/film.mp4".into(),
            volume: 0,
            position_ms: 0,
            positions: Vec::new(),
            layout: None,
            hindrance: None,
        };
        self.handle(Actor::Project, Command::Play(Box::new(play))).expect("it plays");
        self.seats.push(("the film".into(), PlaybackId(uuid::Uuid::from_u128(n)).as_member()));
    }

    pub fn stop_film(&mut self, n: u128) {
        let id = PlaybackId(uuid::Uuid::from_u128(n));
        self.handle(Actor::Project, Command::ControlPlayback(Some(id), PlaybackControl::Stop))
            .expect("it plays");
    }

    /// What stands with the room, with that many streams.
    pub fn stand(&mut self, many: u128) {
        let target = || StreamTarget::parse("rtmp://a.test/live/key").expect("an address");
        let room_stream = |n| RoomStream {
            id: RoomStreamId(uuid::Uuid::from_u128(n)),
            target: target(),
            stream: StreamId(uuid::Uuid::from_u128((1 << 64) + u128::from(self.legs) + n)),
            is_renewed: false,
        };
        let room_stream = (1..=many).map(room_stream).collect();
        self.legs += 10;
        self.handle(Actor::Project, Command::SetRoomStreams(room_stream))
            .expect("the application may");
    }

    /// What was told of the live stream since this was asked last.
    pub fn live_reported(&mut self) -> String {
        let notification = self.notices().into_iter().filter_map(|heard| match heard.kind {
            NotificationKind::LiveStreamStarted(at) => Some(format!("live at {}", at.as_deref()?)),
            NotificationKind::LiveStreamStopped => Some("over".into()),
            _ => None,
        });
        notification.collect::<Vec<_>>().join(", ")
    }

    /// Ends every stream that runs, one by one.
    pub fn stop_streams(&mut self) {
        let Ok(Reply::Streams(streams)) = self.handle(Actor::Project, Command::ListStreams) else {
            panic!("the application may list streams");
        };
        for stream in streams {
            self.handle(Actor::Project, Command::StopStream(Some(stream.id))).expect("it runs");
        }
    }

    pub fn streams(&mut self) -> usize {
        match self.handle(Actor::Project, Command::ListStreams) {
            Ok(Reply::Streams(streams)) => streams.len(),
            other => panic!("{other:?}"),
        }
    }

    pub fn share(&mut self, name: &str) -> Result<(), Refusal> {
        let parent = self.id(name);
        let id = member(1000 + self.seats.len());
        self.legs += 1;
        let admission = ChildAdmission {
            member: id,
            leg: LegKey(self.legs),
            call_id: LegId("screen".into()),
            kind: MemberKind::Screen,
            brings: Ok(Brings::default()),
        };
        self.handle(Actor::Member(parent), Command::AdmitChild(Box::new(admission)))?;
        self.seats.push((format!("{name}'s screen"), id));
        self.session.handle_outcome(now(self.ms), Outcome::Connected(LegKey(self.legs)));
        self.drain();
        Ok(())
    }
}
