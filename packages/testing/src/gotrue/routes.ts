import { answerAuthorize } from './authorize.ts'
import type { GoTrueRoute } from './context.ts'
import { answerOtp, answerRecover, answerSignUp } from './sign-up.ts'
import { answerToken } from './token.ts'
import { answerLogout, answerReauthenticate, answerUser } from './user.ts'
import { answerLink, answerVerify } from './verify.ts'

export const gotrueRoutes: readonly GoTrueRoute[] = [
  { endpoint: 'token', methods: ['post'], path: '/token', answer: answerToken },
  { endpoint: 'signup', methods: ['post'], path: '/signup', answer: answerSignUp },
  { endpoint: 'otp', methods: ['post'], path: '/otp', answer: answerOtp },
  { endpoint: 'verify', methods: ['post'], path: '/verify', answer: answerVerify },
  { endpoint: 'verify', methods: ['get'], path: '/verify', answer: answerLink },
  { endpoint: 'recover', methods: ['post'], path: '/recover', answer: answerRecover },
  { endpoint: 'user', methods: ['get', 'put'], path: '/user', answer: answerUser },
  { endpoint: 'reauthenticate', methods: ['get'], path: '/reauthenticate', answer: answerReauthenticate },
  { endpoint: 'logout', methods: ['post'], path: '/logout', answer: answerLogout },
  { endpoint: 'authorization', methods: ['get'], path: '/authorize', answer: answerAuthorize },
]
