/**
 * How people correct a model, as patterns over lower-case text with straight apostrophes. A list is
 * one alternation; `\b` stands only behind words of alphabets that leave blanks between words.
 */

const raw = String.raw;

/** One pattern that matches when one of the parts stands at the start. */
function atStart(parts: readonly string[]): RegExp {
  return new RegExp(`^(?:${parts.join('|')})`, 'u');
}

/** One pattern that matches when one of the parts stands anywhere. */
function anywhere(parts: readonly string[]): RegExp {
  return new RegExp(`(?:${parts.join('|')})`, 'u');
}

const nt = raw`(?:n'?t| not)`;
const fine = '(?:all|good|great|fine|ok|okay|perfect|right|correct|it|nice|works?|impressive)';

/** Openings that look like a correction and are none. */
export const harmlessOpenings: RegExp = atStart([
  raw`no\W{0,2}\s*(?:problem|worries|worry|rush|hurry|need|idea|thanks?|thank you|matter)\b`,
  raw`no\W{0,2}\s*(?:one|doubt|(?:more )?questions?|changes?|preference|objections?)\b`,
  raw`no\W{0,2}\s*(?:that'?s|it'?s|this is|(?:it|everything|all)(?: is| looks)?) ${fine}\b`,
  raw`(?:please )?(?:don'?t|do not) (?:worry|bother|mind|hesitate|panic|forget)\b`,
  raw`don'?t you (?:think|agree)\b`,
  raw`(?:don'?t|do not) (?:know|think so|care|see (?:any|a) (?:problem|issue))`,
  raw`not (?:sure|yet|bad|a problem|at all)\b`,
  raw`actually,? (?:that|it|this|i)(?:'?s| is| was)? ?(?:\w+ )?${fine}\b`,
  raw`actually,? i (?:\w+ )?(?:like|love)\b`,
  raw`stop (?:words?|the|and start|loss)\b`,
  raw`wait\W{0,2}\s*(?:for|until|till)\b`,
  raw`why do you (?:think|recommend|prefer|suggest|say|ask)\b`,
  raw`nein\W{0,2}\s*(?:danke|kein problem|alles (?:gut|klar)|passt)\b`,
  raw`non\W{0,2}\s*(?:merci|pas de (?:souci|problème)|c'est (?:bon|parfait|bien))`,
  raw`no\W{0,2}\s*(?:gracias|hay (?:problema|prisa)|pasa nada|te preocupes|importa)\b`,
  '不错|不客气|不用谢|不用了|不急|不好意思|没问题|没关系|别担心|别客气|不知道|不(?:太)?确定|不清楚',
  'いや(?:あ)?[、,]?(?:すごい|素晴らし|助か)|いいえ[、,。]?(?:大丈夫|問題|結構)|(?:間)?違いな|間違いあり',
]);

const aside = raw`(?:wait|hold on|hang on|hm+|well|sorry|ok|okay|but|please|um|hey)[,.!\s]+`;
const wrong =
  '(?:wrong|bad|horrible|terrible|incorrect|nonsense|broken|a mistake|stupid|unacceptable)';
const it = '(?:that|this|it|these|those|ir)';
const whole = '(?:that|this|it|all|everything|these|those|your|the (?:last|change)|last)';

/** Corrections by the words at the start. */
export const correctingOpenings: RegExp = atStart([
  // English: no, stop, wait
  raw`no(?:[,.!;:-]|\s*$)`,
  raw`no (?:no|not|that|this|it|the|you|we|i|don'?t|do not|wait|wrong|stop|please|just|use)\b`,
  raw`(?:nope|nah|wrong|incorrect|undo|rollback|ugh|wtf|argh|bad idea)\b`,
  raw`stop(?:\s*$|[,.!;])`,
  raw`stop (?:it|that|this|there|now|please|right|immediately|over\w*|(?!ping)\w+ing)\b`,
  raw`${aside}(?:no\b|wtf|stop\b|undo\b|revert\b|don'?t|i (?:said|meant|asked)\b)`,
  raw`${aside}(?:that|this|it)(?:'?s| is| does)(?: not|n'?t| wrong)`,
  raw`${aside}(?:why (?:did|are|do) you|you (?:did${nt}|forgot|broke|deleted|removed))\b`,
  // English: what the user wants instead
  raw`(?:actually|i actually)\W{1,2}(?:no\b|i (?:want|need|meant)|want|you should|we should)`,
  raw`(?:actually|instead|rather)\W{1,2}(?:let'?s|can (?:you|we)|don'?t|do not|stop|keep|use)\b`,
  raw`(?:actually|instead|rather)\W{1,2}(?:make|put|leave|change|revert|undo|remove|drop|go)\b`,
  raw`actually\W{1,2}(?:it'?s|it should|that'?s|you|this)\b`,
  raw`(?:please |and |also |but |so )?(?:don'?t|do not) \w`,
  raw`(?:revert|undo|roll back|back out|take back|restore) ${whole}\b`,
  raw`(?:please )?(?:go|change it|put it|switch|get it) back\b`,
  raw`not (?:what|like|that|this|the|quite|correct|right|good|there|again)\b`,
  // English: what was said, and what the model did
  raw`i (?:said|told you|already (?:said|told|asked)|asked (?:you|for)|meant|never (?:said|asked))\b`,
  raw`i (?:did${nt} (?:ask|want|say|mean)|do${nt} (?:want|like|agree|need))\b`,
  raw`i do${nt} think (?:that|this|it|you|we)\b`,
  raw`why (?:did|do|are|have|the hell|on earth) (?:did )?(?:you|u)\b`,
  raw`${it}(?:'?s| is| was| are|) (?:a |the |just |still |so )?(?:not\b|${wrong}\b|n'?t\b)`,
  raw`${it}(?:'?s| is) (?:still |way )?too (?:much|complicated|complex|long|verbose|slow)\b`,
  raw`(?:it|that|this) (?:still )?(?:does${nt}|did${nt}|is${nt}|was${nt}|fails|breaks|broke)\b`,
  raw`(?:it is |it'?s )?still (?:not|broken|failing|fails|wrong|the same|does${nt}|is${nt})\b`,
  raw`(?:you|u) (?:did${nt}|have${nt}|havne'?t|forgot|missed|broke|deleted|removed|ignored)\b`,
  raw`(?:you|u) (?:misunderstood|should(?:${nt}| have)|were supposed|are wrong|made a mistake)\b`,
  // German
  raw`(?:nein|nee|nö|falsch|stopp?|halt)(?:[,.!]|\s*$)`,
  raw`(?:nein|nee|nö) (?:das|so|nicht|ich|du|es|bitte|falsch)\b`,
  raw`(?:das|es) (?:ist|war|stimmt|geht|funktioniert|sollte) (?:so )?(?:falsch|nicht|kein)`,
  raw`so nicht|nicht so\b|doch nicht|mach(?:e)? .{0,30}rückgängig`,
  raw`ich (?:sagte|meinte|(?:hatte|habe) .{0,30}(?:gesagt|gemeint|gebeten))`,
  // French
  raw`(?:non|faux|arrête[sz]?|annule[sz]?)(?:[,.!]|\s*$)`,
  raw`(?:non|arrête[sz]?|annule[sz]?) (?:pas|ce|c'est|ça|tu|je|il|la|le|ne|tout)(?:\s|$)`,
  "ce n'est pas|c'est (?:pas|faux|incorrect)|pas comme ça|j'ai dit|j'avais demandé",
  "je n'ai pas demandé|ça ne (?:marche|fonctionne) (?:pas|toujours)",
  // Spanish
  raw`no[,.]? (?:eso|esto|así|es|era|quiero|quería|hagas|pongas|uses|lo|está)\b`,
  'eso (?:no|está mal)|está mal|así no|incorrecto|deshaz|deshacer|revierte|detente',
  'te dije|dije que|yo no (?:pedí|dije)|no (?:me )?funciona',
  // Chinese
  '不对|不是(?!很|太)|不行|不要(?!紧)|错了|错误的?[,!]|搞错|弄错|你错|这(?:个|样)?(?:不对|错)',
  '撤销|撤回|回滚|还原|恢复(?:原|到|成)|停(?:下|止|一下)?(?:[,!。]|$)|别(?!的|人|处)',
  '我(?:说的|要的|的意思)(?:是|不是)|我没(?:让|叫|说)|为什么(?:你|要)(?:删|改)',
  // Japanese
  '違(?:う|い(?:ます|ました))|ちが(?:う|います)|そうじゃな|そうではな|いや[、,。]|いいえ',
  'だめ|ダメ|間違(?:って|え|い(?:です|だ|ました))|元に戻|取り消|やめて|止めて|やり直|それは違',
]);

/** Turns of phrase that mean a correction wherever they stand in the first sentences. */
export const correctingPhrases: RegExp = anywhere([
  raw`\bnot (?:at all )?what i (?:asked|meant|wanted|said)\b`,
  raw`\b(?:that|this)(?:'?s| is) (?:\w+ )?(?:wrong|incorrect|horrible|not (?:right|correct))\b`,
  raw`\b(?:undo|revert|roll back) (?:that|this|it|your|my last|those|these|everything)\b`,
  raw`\b(?:is|are) not acceptable\b`,
  raw`\bdo(?:es)?${nt} (?:look|seem|feel|sound) (?:right|correct|good)\b`,
  raw`\byou (?:misunderstood|idiot|broke|forgot to|were supposed to|should${nt} have)\b`,
  raw`\bi (?:explicitly|clearly|specifically|already) (?:said|told|asked)\b`,
  raw`\bwhy (?:did|do) you (?:delete|remove|change|revert|ignore|keep|go|add|overwrite)\b`,
  raw`\bdas (?:ist falsch|stimmt nicht|(?:wollte|meinte|habe) ich nicht)\b`,
  raw`\bnicht das,? was ich\b|\brückgängig (?:machen|bitte)\b`,
  raw`\bpas ce que j(?:e|'ai)\b|\bc'est faux\b`,
  raw`\bno es lo que (?:pedí|quería|dije)|\beso (?:está|es) (?:mal|incorrecto)\b`,
  '不是我(?:要|想|说)|我说的(?:不)?是|改错了|删错了',
  'そうではなくて|頼んでいない|言ってない|元に戻して',
]);

/** How runtimes tell the model that the user did not let a tool run, or stopped it. */
export const refusals: RegExp = anywhere([
  raw`\buser (?:doesn'?t want to|does not want to|(?:has )?(?:rejected|denied|declined|refused))\b`,
  raw`\b(?:rejected|denied|declined|cancell?ed|aborted|interrupted) by (?:the )?user\b`,
  raw`^\s*command aborted\b`,
]);
