/**
 * Corrections by the user: the model did something that was not wanted. Told from the words at the
 * start of what the user writes, where corrections stand, and from a few turns of phrase that mean
 * one anywhere. A correction that is missed costs little, because the conversation can be rewound
 * to any message; one that is imagined costs a restore point. So a phrase is listed only when it
 * rarely means anything else.
 */
import { interrupted } from './text.ts';

/** Words at the start are looked for in so many UTF-16 code units, turns of phrase in four times. */
const startCharsMax = 120;

/** Openings that look like a correction and are none. */
const harmless: readonly RegExp[] = [
  /^no\W{0,2}\s*(?:problem|problema|worries|worry|rush|hurry|need|idea|thanks?\b|thank you|matter)/,
  /^no\W{0,2}\s*(?:one|doubt|question|questions|more questions|change|changes needed|preference)\b/,
  /^no\W{0,2}\s*(?:that'?s|it'?s|this is|all|everything(?: is| looks)?) (?:good|great|fine|ok|okay|perfect|right|correct|all|it)\b/,
  /^(?:please )?(?:don'?t|do not) (?:worry|bother|mind|hesitate|panic|forget|you think|you agree)/,
  /^(?:don'?t|do not) (?:know|think so|care|see (?:any|a) (?:problem|issue))/,
  /^actually[,]?\s+(?:that'?s|it'?s|this is|that is|i)? ?(?:\w+ )?(?:good|great|nice|fine|perfect|works?|like it|impressive)/,
  /^stop(?:ping)? (?:words?|the (?:server|dev|container|process|service|app|job|clock|timer)|and start|loss)/,
  /^wait\W{0,2}\s*(?:for|until|till)\b/,
  /^nein\W{0,2}\s*(?:danke|kein problem|alles (?:gut|klar)|passt)/,
  /^non\W{0,2}\s*(?:merci|pas de (?:souci|problème)|c'est (?:bon|parfait|bien))/,
  /^no\W{0,2}\s*(?:gracias|hay (?:problema|prisa)|pasa nada|te preocupes|importa)/,
  /^(?:不错|不客气|不用谢|不用了|不急|不好意思|没问题|没关系|别担心|别客气|不知道|不确定|不太确定|不清楚|停车)/,
  /^(?:いや(?:あ)?[、,]?(?:すごい|素晴らし|助か)|いいえ[、,。]?(?:大丈夫|問題|結構)|違いない|間違いない|間違いありません)/,
];

/** Corrections at the start of what the user says. */
const openings: readonly RegExp[] = [
  // English
  /^no(?:[,.!;:-]|\s*$| (?:no|not|that|this|it|the|you|we|i|don'?t|do not|wait|wrong|stop|please|just|use)\b)/,
  /^(?:nope|nah|wrong|incorrect|undo|rollback|ugh|wtf|argh|oops|bad idea)\b/,
  /^stop(?:\s*$|[,.!;]| (?:it|that|this|doing|adding|making|changing|creating|using|writing|asking|going|touching|guessing|there|now|please|right|immediately|overthinking|over)\b)/,
  /^(?:wait|hold on|hang on|hmm+|hm|well|sorry|ok|okay|but|please|um|hey)[,.!\s]+(?:no|wtf|stop|that'?s (?:not|wrong)|this (?:is|does)(?:n'?t| not)|why (?:did|are|would|do)|you (?:didn'?t|did not|forgot|broke|deleted|removed)|don'?t|actually|undo|revert|i (?:said|meant|asked))\b/,
  /^(?:actually|i actually|wait|instead|rather)[,.]?\s+(?:no\b|i (?:want|need|meant|think)|want|let'?s (?:not|use|do|go|keep|put|revert|undo|try)|can (?:you|we) (?:revert|undo|not|change|use|put|go back|instead)|(?:don'?t|do not|stop|keep|use|make|put|leave|change|revert|undo|remove|drop|go back|it'?s|it should|that'?s|you should|we should|the)\b)/,
  /^(?:please |and |also |but |so )?(?:don'?t|do not|never)\s+\w/,
  /^(?:revert|undo|roll back|back out|take back|restore)\s+(?:that|this|it|all|the last|last|your|the change|these|those|everything|to (?:the )?(?:previous|earlier|before|last|original))\b/,
  /^(?:please )?(?:go|change it|put it|switch|get it) back\b/,
  /^(?:not (?:what|like|that|this|the|quite|correct|right|good|there|in|a|as|again)\b)/,
  /^i (?:said|told you|asked (?:you|for)|already (?:said|told|asked)|meant|didn'?t (?:ask|want|say|mean)|did not (?:ask|want|say|mean)|don'?t (?:want|like|need|think (?:that|this|it|you)|agree)|do not (?:want|like|agree)|never (?:said|asked))\b/,
  /^(?:why|how) (?:did|do|are|would|have|the hell|on earth|come) (?:you|u|are you|did you)\b/,
  /^(?:that|this|it|it|these|those|which)(?:'?s| is| was| are|r'?s)? (?:not|n'?t|wrong|bad|horrible|terrible|incorrect|nonsense|broken|the wrong|a bad|a mistake|stupid|too (?:much|complicated|complex|long|verbose))\b/,
  /^(?:it'?s|its|that'?s|thats|this is|ir'?s) (?:a )?(?:not|wrong|bad|horrible|terrible|incorrect|nonsense|broken|still (?:not|broken|failing|wrong|the same))\b/,
  /^(?:it|that|this|still|the \w+) (?:still )?(?:doesn'?t|does not|didn'?t|did not|don'?t|isn'?t|is not|fails?|failing|breaks|broke|not|wasn'?t|is still)\b/,
  /^(?:you|u) (?:didn'?t|did not|haven'?t|have not|havne'?t|hav'?nt|forgot|missed|broke|deleted|removed|ignored|misunderstood|shouldn'?t|should not|should have|were supposed|are wrong|still|keep|made a mistake|just (?:deleted|broke|removed|overwrote))\b/,
  // German
  /^(?:nein|nee|nö|falsch|stopp?|halt)(?:[,.!]|\s*$| (?:das|so|nicht|ich|du|es|bitte|falsch)\b)/,
  /^(?:das|es) (?:ist|war|stimmt|geht|funktioniert|sollte) (?:so )?(?:falsch|nicht|kein)/,
  /^(?:so nicht|nicht so|doch nicht|mach(?:e)? (?:das|es|den|die) .{0,30}rückgängig|ich (?:sagte|meinte|hatte|habe) .{0,30}(?:gesagt|gemeint|gebeten|nicht|doch)|ich sagte)/,
  // French
  /^(?:non|faux|arrête[sz]?|stop|annule[sz]?)(?:[,.!]|\s*$| (?:pas|ce|c'est|ça|tu|je|il|la|le|ne|tout)(?:\s|$))/,
  /^(?:ce n'est pas|c'est (?:pas|faux|mauvais|incorrect)|pas comme ça|j'ai dit|j'avais demandé|je n'ai pas demandé|ça ne (?:marche|fonctionne) (?:pas|toujours))/,
  // Spanish
  /^(?:no[,.]? (?:eso|esto|así|es|era|quiero|quería|hagas|pongas|uses|lo|está)\b|eso (?:no|está mal)|está mal|así no|incorrecto|deshaz|deshacer|revierte|detente|te dije|dije que|yo no (?:pedí|dije)|no es lo que|no (?:me )?funciona)/,
  // Chinese
  /^(?:不对|不是(?!很|太)|不行|不要(?!紧)|错了|错误的?[,，。!！]|搞错|弄错|你错|这(?:个|样)?(?:不对|错)|撤销|撤回|回滚|还原|恢复(?:原|到|成)|停(?:下|止|一下)?(?:[,，。!！]|$)|停下|别(?!的|人|处)|我(?:说的|要的|的意思)(?:是|不是)|我没(?:让|叫|说)|为什么(?:你|要)(?:删|改))/,
  // Japanese
  /^(?:違(?:う|い(?:ます|ました))|ちが(?:う|います)|そうじゃな|そうではな|いや[、,。]|いいえ|だめ|ダメ|間違(?:って|え|い(?:です|だ|ました))|元に戻|取り消|やめて|止めて|やり直|それは(?:違|だめ|ダメ))/,
];

/** Turns of phrase that mean a correction wherever they stand in the first sentences. */
const phrases: readonly RegExp[] = [
  /\b(?:that|this|it)(?:'?s| is| was)? ?(?:not|isn'?t|wasn'?t) (?:at all )?what i (?:asked|meant|wanted|said|need)/,
  /\bnot what i (?:asked|meant|wanted|said)/,
  /\b(?:that|this)(?:'?s| is) (?:completely |totally |just |plain |also |still )?(?:wrong|incorrect|horrible|not (?:right|correct|acceptable))\b/,
  /\b(?:undo|revert|roll back) (?:that|this|it|your|the last|my last|those|these|everything)\b/,
  /\b(?:is|are) not acceptable\b/,
  /\bdo(?:es)?(?:n'?t| not) (?:look|seem|feel|sound) (?:right|correct|good)\b/,
  /\byou (?:misunderstood|idiot|broke|forgot to|were supposed to|should(?:n'?t| not) have)\b/,
  /\bi (?:explicitly|clearly|specifically|already) (?:said|told|asked)\b/,
  /\bwhy (?:did|do) you (?:delete|remove|change|revert|ignore|keep|go|add|overwrite)/,
  /\bdas (?:ist falsch|stimmt nicht|wollte ich nicht|meinte ich nicht|habe ich nicht)\b/,
  /\bnicht das,? was ich\b|\brückgängig (?:machen|bitte)\b/,
  /\bpas ce que j(?:e|'ai)\b|\bc'est faux\b/,
  /\bno es lo que (?:pedí|quería|dije)\b|\beso (?:está|es) (?:mal|incorrecto)\b/,
  /(?:不是我(?:要|想|说)|我说的(?:不)?是|改错了|删错了)/,
  /(?:そうではなくて|頼んでいない|言ってない|元に戻して)/,
];

/** True when what a person wrote corrects what the model did. Looks at the start only. */
export function isCorrection(text: string): boolean {
  if (interrupted.test(text)) return true;
  const said = text
    .slice(0, 4 * startCharsMax)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[’‘`´]/g, "'")
    .replace(/^[\s"'>*_-]+/, '');
  const start = said.slice(0, startCharsMax);
  if (harmless.some((pattern) => pattern.test(start))) return false;
  return openings.some((one) => one.test(start)) || phrases.some((one) => one.test(said));
}

/** A result that is no error of a tool: the user refused to let it run. */
export function isRefusal(text: string): boolean {
  return /^.{0,40}(?:user (?:doesn'?t want to|does not want to|rejected|denied|declined|refused|cancell?ed)|rejected by (?:the )?user|denied by (?:the )?user|user has (?:rejected|denied))/is.test(
    text.slice(0, 200),
  );
}
