import { member } from "@plimsoll/kubernetes";
import type { ListFormat } from "../shared/format.ts";

/** Keys of what a play does (docs.ansible.com, "Playbook Keywords"). */
const work = ["tasks", "roles", "pre_tasks", "post_tasks", "handlers"];

/** Playbooks of Ansible: lists of plays, of which one names hosts and what is done there, or another playbook. */
export const ansibleFormat: ListFormat = {
  name: "Ansible playbook",
  matches: (plays) =>
    plays.some(
      (play) =>
        (member(play, "hosts") !== undefined && work.some((key) => member(play, key) !== undefined)) ||
        member(play, "import_playbook") !== undefined ||
        member(play, "ansible.builtin.import_playbook") !== undefined,
    ),
};
