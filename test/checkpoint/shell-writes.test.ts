/** Which files commands of the shell write, and what only looks like writing. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { patchedFiles } from '../../src/checkpoint/patches.ts';
import { shellWrites } from '../../src/checkpoint/shell-writes.ts';

describe('shellWrites', () => {
  it.each([
    ['echo hi > a.txt', ['a.txt']],
    ['echo hi >> a.txt', ['a.txt']],
    ['echo hi >| a.txt', ['a.txt']],
    ['make &> build.log', ['build.log']],
    ['make > build.log 2>&1', ['build.log']],
    ['> empty.txt', ['empty.txt']],
    ['cat > "with blank.txt" <<EOF\na > b\nEOF', ['with blank.txt']],
    ["cat <<'EOF' > f.md\nrm everything > nowhere\nEOF\nls", ['f.md']],
    ['cat <<-EOF > f.md\n\ttext\n\tEOF\necho x > g.md', ['f.md', 'g.md']],
    ['npm test | tee -a log.txt', ['log.txt']],
    ["sed -i 's/a > b/c/' src/x.ts", ['src/x.ts']],
    ["sed -i '' -e 's/a/b/' src/x.ts", ['src/x.ts']],
    ["sed -i.bak 's/a/b/' src/x.ts", ['src/x.ts']],
    ["perl -pi -e 's/a/b/' x.pl", ['x.pl']],
    ['mv a.ts b.ts', ['b.ts']],
    ['cp -r src backup', ['backup']],
    ['rm -rf dist build', ['dist', 'build']],
    ['cd app && touch new.ts; ls', ['new.ts']],
    ['for f in *.ts; do mv "$f" "$f.bak"; done', ['$f.bak']],
    ['if true; then echo x > y; fi', ['y']],
    ['NODE_ENV=test sudo -E tee /etc/hosts < in.txt', ['/etc/hosts']],
    ["bash -lc 'echo hi > inner.txt'", ['inner.txt']],
    ["bash -c 'echo hi > inner.txt'", ['inner.txt']],
    ["bash -exc 'echo hi > inner.txt'", ['inner.txt']],
    ['/bin/sh -c \'bash -c "zsh -c \\"rm inner\\""\'', ['inner']],
    ['RM Loud.txt', ['Loud.txt']],
    ['sed -Ei.bak s/a/b/ x.ts', ['x.ts']],
    ['sed --in-place --expression=s/a/b/ x.ts', ['x.ts']],
    ['sed -i s/a/b/ x.ts y.ts', ['y.ts']],
    ['perl -i -pe s/a/b/ x.pl', ['x.pl']],
    ['git -C sub rm old.ts', ['old.ts']],
    ['git --no-pager checkout -- a.ts', ['a.ts']],
    ['git am', ['git am']],
    ['git restore a.ts', ['a.ts']],
    ['git revert HEAD', ['HEAD']],
    ['git cherry-pick abc', ['abc']],
    ['git apply a.patch', ['a.patch']],
    ['patch -p1 < a.patch', ['patch']],
    ['patch a.ts a.patch', ['a.ts']],
    ['sudo -E nice rm a', ['a']],
    ['A=1 B=2 rm a', ['a']],
    ['ln -s a b', ['b']],
    ['install -m 755 a b', ['b']],
    ['rsync -a src/ host:dst', ['host:dst']],
    ['echo x > a > a', ['a']],
    ['test a && rm b', ['b']],
    ['bash <<EOF\necho hi > inner.txt\nEOF', ['inner.txt']],
    ['bash <<A <<B\necho a > one.txt\nA\necho b > two.txt\nB', ['one.txt', 'two.txt']],
    ["apply_patch '*** Update File: a.ts' '*** Update File: b.ts'", ['a.ts', 'b.ts']],
    ['bash', []],
    ['bash -c', []],
    [
      "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: a.ts\n+x\n*** End Patch\nEOF",
      ['a.ts'],
    ],
    ['git mv old.ts new.ts', ['new.ts']],
    ['git checkout -- src/a.ts', ['src/a.ts']],
    ['git reset --hard HEAD~1', ['git reset --hard']],
    ['dd if=/dev/zero of=disk.img bs=1M', ['disk.img']],
    ['cat a b \\\n  > joined.txt', ['joined.txt']],
    ['(cd x; echo y) > z.txt', ['z.txt']],
    ['Set-Content out.txt "x"', ['out.txt', 'x']],
  ] as const)('finds what `%s` writes', (command, files) => {
    expect(shellWrites(command)).toEqual(files);
  });

  it.each([
    'npm test 2>&1',
    'npm test 2>&1 | tail -5',
    'ls > /dev/null 2>&1',
    'ls >/dev/null',
    'ls &>/dev/null',
    'echo oops >&2',
    'exec 3>&-',
    'npm test | tee /dev/stderr',
    'grep -n "a > b" src/x.ts',
    "awk '$1 > 5 { print }' data.txt",
    "node -e 'if (a > b) f(() => 1)'",
    'echo "$(( 3 > 2 ))" $((4 > 3))',
    'if [[ $a > $b ]]; then ls; fi',
    'test "$a" > "$b"',
    '[ "$a" > "$b" ] && ls',
    '(( count > 3 )) && ls',
    'echo a -> b',
    'echo a => b',
    'echo a \\> b',
    'ls # > not.txt',
    "sed -n '1,20p' file.ts",
    "sed 's/a/b/' file.ts",
    'git status && git diff && git log --oneline',
    'git checkout -b topic',
    'git restore --staged a.ts',
    'git apply --check a.patch',
    'cat < in.txt',
    'cat <<EOF\nrm -rf / > x\nEOF',
    'diff <(ls a) <(ls b)',
    'patch --dry-run -p1 < a.patch',
    'man rm',
    'git log --hard',
    'git rm --cached a.ts',
    'git mv --dry-run a b',
    'git checkout a.ts',
    'git reset a.ts',
    'git',
    'perl -ne print x.pl',
    'rm',
    'rm -rf',
    'mv',
    'dd if=a',
    'xbash -c "rm a"',
    'bash -cx "rm a"',
    'bash script.sh',
    'ls > /dev/tty',
    'ls > /dev/fd/3',
    'ls > NUL',
    'ls > $null',
    'bash -c "bash -c \\"bash -c \\\\\\"bash -c rm\\\\\\"\\""',
    'which cp mv',
    '',
  ])('finds nothing that `%s` writes', (command) => {
    expect(shellWrites(command)).toEqual([]);
  });

  it('takes any text, in time that follows its length', () => {
    const part = fc.constantFrom(
      ...'<>&|;(){}[]$`"\'\\#- \n=abEOF'.split(''),
      '<<EOF',
      '$((',
      '[[ ',
    );
    const commands = fc.array(part, { maxLength: 200 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(commands, (command) => {
        for (const path of shellWrites(command)) expect(path).not.toBe('');
      }),
    );
    for (const hard of ['((', "bash -c '", '$(', '`', '<<E\n', '>', '"', '{ ', '\\']) {
      expect(shellWrites(hard.repeat(40_000))).toBeInstanceOf(Array);
    }
  });
});

describe('patchedFiles', () => {
  it('names the files of a patch of Codex and of a unified diff', () => {
    const codex =
      '*** Begin Patch\n*** Add File: a.ts\n+1\n*** Update File: b/c.ts\n@@\n*** Delete File: d';
    expect(patchedFiles(codex)).toEqual(['a.ts', 'b/c.ts', 'd']);
    expect(patchedFiles('--- a/x.ts\n+++ b/x.ts\n@@\n--- a/y\n+++ /dev/null')).toEqual(['x.ts']);
    expect(patchedFiles('no patch at all')).toEqual([]);
  });
});
