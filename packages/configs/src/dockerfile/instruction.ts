/** A here-document of `RUN`, `COPY` or `ADD`. */
export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** Variables in the content are replaced: the name is not quoted. */
  readonly expand: boolean;
  /** Leading tabs are removed (`<<-`). */
  readonly chomp?: boolean;
  /** The file descriptor in front of `<<`. */
  readonly fd?: number;
}

/** One instruction of a Dockerfile. The field names are those of BuildKit's parser. */
export interface DockerfileInstruction {
  /** Name of the instruction in upper case: `RUN`. */
  readonly cmd: string;
  /** Name of the instruction as it was written. */
  readonly keyword: string;
  /** `--name=value` in front of the arguments. Absent: none. */
  readonly flags?: readonly string[];
  /**
   * Shell form: the whole command as one argument. JSON form: its strings. `ENV` and `LABEL`: three per variable, name, value and what was
   * between them (`=` or nothing). `HEALTHCHECK`: the type, then the arguments of its command. Others: the words, quotes kept.
   */
  readonly args: readonly string[];
  /** The arguments are a JSON list. */
  readonly json?: boolean;
  /** What `ONBUILD` runs. */
  readonly sub?: DockerfileInstruction;
  readonly heredocs?: readonly Heredoc[];
  /** Comment lines directly before it. */
  readonly comments?: readonly string[];
  /** The instruction as one line: continuations joined. */
  readonly original: string;
  /** First line, 1-based. */
  readonly startLine: number;
  readonly endLine: number;
}

/** A build stage: a `FROM` and what follows it. */
export interface DockerfileStage {
  /** Empty: it has none. */
  readonly name: string;
  /** As written: an image, a stage, `scratch`; variables are not replaced. */
  readonly base: string;
  /** Value of `--platform`, as written. */
  readonly platform?: string;
  readonly from: DockerfileInstruction;
  /** Instructions after `FROM`. */
  readonly instructions: readonly DockerfileInstruction[];
}

/** Why BuildKit would refuse the file. */
export interface DockerfileError {
  readonly message: string;
  /** 1-based; 0 where the whole file is meant. */
  readonly line: number;
}

/** A Dockerfile as it was read, also where it has errors. */
export interface Dockerfile {
  readonly escape: "\\" | "`";
  /** The image of `# syntax=`. */
  readonly syntax?: string;
  readonly instructions: readonly DockerfileInstruction[];
  readonly stages: readonly DockerfileStage[];
  /** Why BuildKit would refuse the file. Empty: it would build it. */
  readonly errors: readonly DockerfileError[];
  /** What BuildKit tolerates and warns of. */
  readonly warnings: readonly DockerfileError[];
}
