-- Finds the sessions that ended first, which are forgotten first. With them go their events: the
-- table is appended to, and otherwise only emptied by age or size, whole sessions at a time.
CREATE INDEX sessions_ended ON sessions (status, end_time);
